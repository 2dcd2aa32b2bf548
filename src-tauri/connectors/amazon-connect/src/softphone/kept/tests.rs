#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;

use super::*;

const TEN_MINUTES: Duration = Duration::from_secs(600);

fn kept() -> Kept {
    Kept::new(LineId(1), Peer::default(), "connection-1".to_owned(), "call-1", TEN_MINUTES)
}

/// What can happen to it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enter(&'static str),
    Leave(&'static str),
    Lost,
    Restored,
    Failed,
    Dropped,
    Wait(u64),
}

use Step::*;

#[rstest]
#[case("in use", &[], Ok(()), None)]
#[case("in use for ever", &[Wait(86_400)], Ok(()), None)]
#[case("idle", &[Leave("call-1"), Wait(599)], Ok(()), None)]
#[case("idle too long", &[Leave("call-1"), Wait(600)], Ok(()), Some(true))]
#[case("used again in time", &[Leave("call-1"), Wait(599), Enter("call-2"), Wait(600)], Ok(()), None)]
#[case("two at once, one left", &[Enter("call-2"), Leave("call-1"), Wait(600)], Ok(()), None)]
#[case("two at once, both left", &[Enter("call-2"), Leave("call-1"), Leave("call-2"), Wait(600)], Ok(()), Some(true))]
#[case("leaves twice", &[Leave("call-1"), Wait(300), Leave("call-1"), Wait(300)], Ok(()), Some(true))]
#[case("path lost in a call", &[Lost], Err("its path is lost"), None)]
#[case("path lost between calls", &[Leave("call-1"), Lost], Err("its path is lost"), None)]
#[case("path back", &[Leave("call-1"), Lost, Restored], Ok(()), None)]
#[case("failed in a call", &[Failed], Err("failed"), None)]
#[case("failed between calls", &[Leave("call-1"), Failed], Err("failed"), Some(true))]
#[case("failed, then the call ends", &[Failed, Leave("call-1")], Err("failed"), Some(true))]
#[case("dropped by the service", &[Leave("call-1"), Dropped], Err("dropped"), Some(false))]
#[case("dropped, then failed", &[Dropped, Failed, Leave("call-1")], Err("failed"), Some(false))]
fn the_table_of_a_kept_connection(
    #[case] name: &str,
    #[case] steps: &[Step],
    #[case] healthy: Result<(), &'static str>,
    #[case] ends_with_bye: Option<bool>,
) {
    let (mut kept, mut now) = (kept(), Instant::now());
    for step in steps {
        match *step {
            Enter(call) => kept.enter(call),
            Leave(call) => kept.leave(call, now),
            Lost => kept.path(true),
            Restored => kept.path(false),
            Failed => kept.retire("failed", true),
            Dropped => kept.retire("dropped", false),
            Wait(seconds) => now += Duration::from_secs(seconds),
        }
    }
    assert_eq!(kept.check(), healthy, "{name}: whether a call may come to it");
    assert_eq!(kept.is_due(now).map(|why| why.bye), ends_with_bye, "{name}: whether it ends, and with a bye");
}

#[test]
fn the_timer_runs_only_without_calls() {
    let mut kept = kept();
    let now = Instant::now();
    assert_eq!(kept.next_deadline(), None, "in a call nothing is waited for");
    kept.leave("call-1", now);
    assert_eq!(kept.next_deadline(), Some(now + TEN_MINUTES), "the service's inactivityDuration");
    kept.enter("call-2");
    assert_eq!(kept.next_deadline(), None, "a call stops it");
    let gone = Kept::new(LineId(1), Peer::default(), String::new(), "call-1", Duration::ZERO);
    let mut gone = gone;
    gone.leave("call-1", now);
    assert!(gone.is_due(now).is_some(), "a duration of 0 keeps nothing");
}
