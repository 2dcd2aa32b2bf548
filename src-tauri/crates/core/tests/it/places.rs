//! Places that are asked for from outside a window: every window goes there, and
//! nothing is called or made by it.

use std::time::Duration;

use crate::chatting::Panel;
use serde_json::json;
use trunkline_core::{PushStream, ShellEvent};
use trunkline_rpc::{Push, RpcCode};

/// Where a window is asked to go next.
async fn shown(window: &mut PushStream) -> String {
    let place = async {
        loop {
            if let Push::Show(place) = window.next().await.expect("the core runs") {
                return place;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), place).await.expect("the window is asked in time")
}

/// Whether a window is asked to go anywhere within a moment.
async fn is_left_alone(window: &mut PushStream) -> bool {
    tokio::time::timeout(Duration::from_millis(300), shown_or_never(window)).await.is_err()
}

async fn shown_or_never(window: &mut PushStream) -> String {
    loop {
        if let Push::Show(place) = window.next().await.expect("the core runs") {
            return place;
        }
    }
}

/// Where the shell is to bring the panel.
fn brought(events: &mut tokio::sync::broadcast::Receiver<ShellEvent>) -> Vec<String> {
    let mut places = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let ShellEvent::GoTo(place) = event {
            places.push(place);
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_brought_into_view_in_every_window_and_one_that_is_gone_in_none() {
    let panel = Panel::open().await;
    let (_chat, talk) = panel.chat().await;
    let mut events = panel.shell_events();
    let (mut one, mut other) = (panel.subscribe(), panel.subscribe());
    assert!(is_left_alone(&mut one).await && is_left_alone(&mut other).await, "nobody has asked yet");

    let gone = json!({ "contact": { "account": "one", "contact": "no-such-contact" } });
    let refused = panel.call("contact_show", gone).await.expect_err("there is no such contact");
    assert_eq!((refused.code, refused.message_key.as_str()), (RpcCode::NotPossible, "error_contact_gone"), "and why");
    assert!(is_left_alone(&mut one).await, "no window goes anywhere");
    assert_eq!(brought(&mut events), Vec::<String>::new(), "and none comes to the front");

    panel.call("contact_show", json!({ "contact": talk.key })).await.expect("it is there");
    let place = format!("contact/one/{}", talk.key.contact);
    assert_eq!(shown(&mut one).await, place, "one window");
    assert_eq!(shown(&mut other).await, place, "and the other agree");
    assert_eq!(brought(&mut events), [place], "and the panel comes to the front");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_fills_the_number_pad_and_calls_nobody() {
    let panel = Panel::open().await;
    let mut events = panel.shell_events();
    let (mut one, mut other) = (panel.subscribe(), panel.subscribe());
    let ask =
        |view: &'static str, number: Option<String>| panel.call("view_show", json!({ "view": view, "number": number }));
    for hostile in
        [format!("tel:{}", "9".repeat(10_000)), "tel:+49\n30".to_owned(), "tel:*21*1#".to_owned(), String::new()]
    {
        let refused = ask("number_pad", Some(hostile)).await.expect_err("that is no number");
        assert_eq!(
            (refused.code, refused.field.as_deref()),
            (RpcCode::Invalid, Some("number")),
            "the number is at fault"
        );
        assert_eq!(refused.message_key, "error_number_unusable", "and the agent is told so");
    }
    assert!(is_left_alone(&mut one).await && is_left_alone(&mut other).await, "no window goes anywhere");

    ask("number_pad", Some("tel:+49-30-123456;postd=22".to_owned())).await.expect("a number with more behind it");
    ask("quick_connects", None).await.expect("the directory");
    ask("new_task", None).await.expect("a task");
    for window in [&mut one, &mut other] {
        for place in ["dial/+4930123456", "connects", "task"] {
            assert_eq!(shown(window).await, place, "each window in turn, and nothing after the number");
        }
    }
    assert_eq!(brought(&mut events), ["dial/+4930123456", "connects", "task"], "the panel comes to the front");
    panel.settle().await;
    assert!(panel.sim.requests_of("CreateOutboundContact").is_empty(), "nobody was called");
    assert!(panel.sim.requests_of("CreateTaskContact").is_empty(), "and no task was made");
    assert!(panel.desk().contacts.is_empty(), "nothing happened at all");
}
