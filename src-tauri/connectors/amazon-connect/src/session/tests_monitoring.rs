#![allow(clippy::unwrap_used, clippy::expect_used)]
use serde_json::json;
use trunkline_connector::CommandCode;
use trunkline_model::{ContactAction, Direction, MonitorMode, Monitoring};

use super::tests::{Bench, exception, fixture_body, response};
use super::*;
use trunkline_connector::Command;
use trunkline_connector::ports::MediaError;
use trunkline_model::MediaFailure;

fn set(bench: &Bench, mode: MonitorMode) -> Command {
    Command::SetMonitorMode { contact: bench.contact().unwrap().id, mode }
}

/// What the media leg was told of speaking, in order.
fn speech(bench: &Bench) -> Vec<&str> {
    let told = bench.other.iter().filter(|action| action.starts_with("live") || action.starts_with("may speak"));
    told.map(String::as_str).collect()
}

#[test]
fn a_silent_supervisor_hears_and_is_never_heard() {
    let mut bench = Bench::online();
    bench.snapshot("voice-monitoring");
    let contact = bench.contact().unwrap();
    assert_eq!(contact.direction, Direction::Monitoring, "it is somebody else's");
    let agent = Some("Bruno Example".to_owned());
    let since = contact.monitoring.as_ref().and_then(|seen| seen.since);
    assert!(since.is_some(), "since when");
    assert_eq!(contact.monitoring, Some(Monitoring { mode: MonitorMode::Silent, agent, since }), "and whose");
    assert_eq!(contact.allowed, [ContactAction::End, ContactAction::BargeIn].into(), "no mute: there is no voice");
    assert_eq!(speech(&bench), Vec::<&str>::new(), "there is no leg yet");
    bench.give(Input::LegOpened(LegId(1), Ok(())));
    assert_eq!(speech(&bench), ["may speak 1 false", "live 1"], "silenced before it hears");
}

#[test]
fn barging_in_lets_the_voice_out_and_listening_takes_it_back() {
    let mut bench = Bench::online();
    bench.snapshot("voice-monitoring");
    bench.give(Input::LegOpened(LegId(1), Ok(())));
    let barge = set(&bench, MonitorMode::Barge);
    bench.command("m-1", barge.clone());
    let body = bench.answer("UpdateMonitorParticipantState", response(200, &json!({})));
    assert_eq!(body, fixture_body("update-monitor-participant-state.request"), "the recorded form");
    assert_eq!(bench.reply("m-1"), Some(Ok(())), "taken");
    assert_eq!(speech(&bench), ["may speak 1 false", "live 1"], "the voice waits for the snapshot");
    bench.snapshot("voice-barge");
    let contact = bench.contact().unwrap();
    assert_eq!(contact.monitoring.unwrap().mode, MonitorMode::Barge, "it is so");
    let allowed = [ContactAction::End, ContactAction::Listen, ContactAction::Mute].into();
    assert_eq!(contact.allowed, allowed, "now there is a voice to mute");
    assert_eq!(speech(&bench).last(), Some(&"may speak 1 true"), "and it goes out");
    bench.command("m-2", barge);
    assert_eq!(bench.reply("m-2"), Some(Err(CommandCode::NotPossible)), "there already");
    let listen = set(&bench, MonitorMode::Silent);
    bench.command("m-3", listen.clone());
    bench.answer("UpdateMonitorParticipantState", exception(400, "InvalidStateException"));
    assert_eq!(bench.reply("m-3"), Some(Err(CommandCode::NotPossible)), "with two parties left it is refused");
    bench.command("m-4", listen);
    let body = bench.answer("UpdateMonitorParticipantState", response(200, &json!({})));
    assert_eq!(body["targetMonitorMode"], "SILENT_MONITOR", "upper case, no authentication member");
    bench.snapshot("voice-monitoring");
    assert_eq!(speech(&bench).last(), Some(&"may speak 1 false"), "silent again");
}

#[test]
fn a_leg_built_anew_is_silenced_before_it_hears() {
    let mut bench = Bench::online();
    bench.snapshot("voice-monitoring");
    bench.give(Input::LegOpened(LegId(1), Ok(())));
    bench.give(Input::LegOffered(LegId(1), Err(MediaError::Failed(MediaFailure::IceGatheringTimeout))));
    bench.wait(2_500);
    assert!(bench.other.contains(&"open leg 2".to_owned()), "the failed leg is replaced: {:?}", bench.other);
    bench.give(Input::LegOpened(LegId(2), Ok(())));
    assert_eq!(speech(&bench)[2..], ["may speak 2 false", "live 2"], "the new one too");
}

#[test]
fn an_instance_without_barge_in_only_listens() {
    let mut bench = Bench::online();
    bench.snapshot("voice-monitoring-basic");
    bench.give(Input::LegOpened(LegId(1), Ok(())));
    let contact = bench.contact().unwrap();
    let silent = Monitoring { mode: MonitorMode::Silent, agent: None, since: None };
    assert_eq!(contact.monitoring, Some(silent), "connected, and yet no party");
    assert_eq!(contact.allowed, [ContactAction::End].into(), "nothing else");
    assert_eq!(speech(&bench), ["may speak 1 false", "live 1"], "silenced as well");
    let barge = set(&bench, MonitorMode::Barge);
    bench.command("m-1", barge);
    assert_eq!(bench.reply("m-1"), Some(Err(CommandCode::NotPossible)), "not without the capability");
}

#[test]
fn the_agent_sees_that_a_supervisor_takes_part() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    assert!(!bench.contact().unwrap().supervised, "nobody is there");
    bench.snapshot("voice-under-supervision");
    let contact = bench.contact().unwrap();
    assert!(contact.supervised, "a supervisor has joined in");
    assert_eq!(contact.monitoring, None, "it is the agent's own contact");
    assert!(contact.allowed.contains(&ContactAction::Mute), "which the agent still leads");
}

#[test]
fn a_supervisor_of_a_chat_reads_along_and_can_join_in() {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.chat-connected");
    let leg = &mut body["snapshot"]["contacts"][0]["connections"][0];
    leg["type"] = json!("monitoring");
    leg["state"]["type"] = json!("silent_monitor");
    leg["monitorCapabilities"] = json!(["SILENT_MONITOR", "BARGE"]);
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    let contact = bench.contact().unwrap();
    assert_eq!(contact.monitoring.as_ref().unwrap().mode, MonitorMode::Silent, "reads along");
    assert!(contact.allowed.contains(&ContactAction::BargeIn), "and may join in");
    assert!(!contact.allowed.contains(&ContactAction::Mute), "there is no voice in a chat");
    let barge = set(&bench, MonitorMode::Barge);
    bench.command("m-1", barge);
    bench.answer("UpdateMonitorParticipantState", response(200, &json!({})));
    assert_eq!(bench.reply("m-1"), Some(Ok(())), "taken");
}
