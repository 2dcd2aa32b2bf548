#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::CommandCode;
use trunkline_model::{ContactAction, ContactState};

use super::tests::{Bench, exception, fixture_body, response};
use super::*;
use trunkline_connector::Command;

fn set(softphone: bool, extension: Option<&str>, language: Option<&str>) -> Command {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Command::SetAgentPreferences { softphone, extension: text(extension), language: text(language) }
}

fn desk_phone() -> Command {
    set(false, Some("+12025550199"), Some("en_US"))
}

/// One round of the configuration, its base changed.
fn round(bench: &mut Bench, change: impl FnOnce(&mut Value)) {
    let mut base = fixture_body("get-agent-configuration.response");
    change(&mut base["configuration"]);
    bench.answer("GetAgentConfiguration", response(200, &base));
    bench.answer("GetAgentPermissions", response(200, &fixture_body("get-agent-permissions.response")));
    bench.answer("GetAgentStates", response(200, &fixture_body("get-agent-states.response")));
    bench.answer("GetDialableCountryCodes", response(200, &fixture_body("get-dialable-country-codes.response")));
    let queues = fixture_body("get-routing-profile-queues.page2.response");
    bench.answer("GetRoutingProfileQueues", response(200, &queues));
}

fn changed(base: &mut Value) {
    base["softphoneEnabled"] = json!(false);
    base["extension"] = json!("+12025550199");
}

fn agent(bench: &Bench) -> trunkline_model::Agent {
    let agents = bench.events.iter().rev();
    let agent = agents.filter_map(|event| if let Event::Agent(agent) = event { Some((**agent).clone()) } else { None });
    agent.into_iter().next().expect("an agent was told")
}

#[test]
fn a_change_is_sent_in_the_recorded_form_and_answered_when_it_shows() {
    let mut bench = Bench::online();
    assert_eq!(agent(&bench).language.as_deref(), Some("en_US"), "the present language");
    assert!(agent(&bench).languages.contains(&"de_DE".to_owned()), "and those to choose from");
    bench.command("s-1", desk_phone());
    let body = bench.answer("UpdateAgentConfiguration", response(200, &json!({})));
    assert_eq!(body, fixture_body("update-agent-configuration.request"), "all that the service demands");
    assert_eq!(bench.reply("s-1"), None, "taken is not yet done");
    round(&mut bench, |_| {});
    assert_eq!(bench.reply("s-1"), None, "the old values still show");
    bench.wait(1_000);
    round(&mut bench, changed);
    assert_eq!(bench.reply("s-1"), Some(Ok(())), "now it is");
    assert!(!agent(&bench).softphone_enabled, "calls go to the desk phone");
    assert_eq!(agent(&bench).extension.as_deref(), Some("+12025550199"), "with that number");
    bench.wait(5_000);
    assert_eq!(bench.waiting("GetAgentConfiguration"), 0, "and the loop is as slow as before");
}

#[test]
fn a_round_that_began_before_is_no_confirmation() {
    let mut bench = Bench::online();
    bench.wait(30_000);
    let (old, _) = bench.take("GetAgentConfiguration");
    bench.command("s-1", desk_phone());
    bench.answer("UpdateAgentConfiguration", response(200, &json!({})));
    assert_eq!(bench.waiting("GetAgentConfiguration"), 1, "a round of its own");
    let mut base = fixture_body("get-agent-configuration.response");
    changed(&mut base["configuration"]);
    bench.give(Input::Http { id: old, outcome: Ok(response(200, &base)) });
    assert_eq!(bench.waiting("GetAgentStates"), 0, "the old round is over");
    round(&mut bench, changed);
    assert_eq!(bench.reply("s-1"), Some(Ok(())), "the new one counts");
}

#[test]
fn a_change_that_never_shows_is_told() {
    let mut bench = Bench::online();
    bench.command("s-1", desk_phone());
    bench.answer("UpdateAgentConfiguration", response(200, &json!({})));
    round(&mut bench, |_| {});
    bench.wait(1_000);
    bench.answer("GetAgentConfiguration", exception(500, "InternalServiceError"));
    bench.wait(1_000);
    assert_eq!(bench.waiting("GetAgentConfiguration"), 1, "a failed round is repeated soon");
    bench.wait(9_000);
    assert_eq!(bench.reply("s-1"), Some(Err(CommandCode::Timeout)), "its time is over");
    round(&mut bench, |_| {});
    bench.wait(5_000);
    assert_eq!(bench.waiting("GetAgentConfiguration"), 0, "nobody waits any more");
}

#[rstest]
#[case(set(false, None, None), "no softphone and no desk phone")]
#[case(set(false, Some("  "), None), "a number of blanks")]
#[case(set(true, Some("12345"), None), "not E.164")]
#[case(set(true, Some("sip:nobody"), None), "no host")]
#[case(set(true, Some("sip:a b@example.com"), None), "a blank")]
#[case(set(true, Some("sip:a@b@example.com"), None), "two hosts")]
#[case(set(true, None, Some("tlh_QO")), "an unknown language")]
fn what_is_not_in_order_is_not_sent(#[case] command: Command, #[case] what: &str) {
    let mut bench = Bench::online();
    bench.command("s-1", command);
    assert_eq!(bench.reply("s-1"), Some(Err(CommandCode::Invalid)), "{what}");
    assert_eq!(bench.waiting("UpdateAgentConfiguration"), 0, "the platform is not asked");
}

#[test]
fn other_forms_of_a_change() {
    let mut bench = Bench::online();
    bench.command("s-1", set(true, Some(" sip:4711@pbx.example.com "), Some("de_DE")));
    let (_, body) = bench.take("UpdateAgentConfiguration");
    assert_eq!(body["configuration"]["extension"], "sip:4711@pbx.example.com", "an address is passed on");
    assert_eq!(body["configuration"]["agentPreferences"]["LANGUAGE"], "de_DE", "the language as it is told");
    assert_eq!(body["configuration"]["agentPreferences"]["locale"], "de_DE", "and as it is taken");
    let mut bench = Bench::online();
    bench.command("s-1", set(true, None, None));
    let (_, body) = bench.take("UpdateAgentConfiguration");
    assert_eq!(body["configuration"]["extension"], "", "none is the empty text: the member is required");
    assert_eq!(body["configuration"]["agentPreferences"]["LANGUAGE"], "en_US", "the language stays");
}

#[rstest]
#[case("InvalidConfigurationException", 400, CommandCode::Invalid)]
#[case("AccessDeniedException", 403, CommandCode::NotAllowed)]
fn what_the_platform_refuses_is_told(#[case] name: &str, #[case] status: u16, #[case] code: CommandCode) {
    let mut bench = Bench::online();
    bench.command("s-1", desk_phone());
    bench.answer("UpdateAgentConfiguration", exception(status, name));
    assert_eq!(bench.reply("s-1"), Some(Err(code)), "{name}");
}

#[test]
fn a_desk_phone_has_no_media_leg() {
    let mut bench = Bench::online();
    bench.snapshot("voice-deskphone-incoming");
    let call = bench.contact().unwrap();
    assert_eq!((call.state, call.softphone), (ContactState::Offered, false), "it rings elsewhere");
    let body = fixture_body("snapshot.voice-connected");
    let mut body = body;
    body["snapshot"]["contacts"][0]["connections"][0]["softphoneMediaInfo"] = Value::Null;
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    let call = bench.contact().unwrap();
    assert_eq!(call.state, ContactState::Connected, "answered there");
    assert!(!call.allowed.contains(&ContactAction::Mute), "its microphone is not ours");
    for action in [ContactAction::Hold, ContactAction::End, ContactAction::SendDigits, ContactAction::AddParty] {
        assert!(call.allowed.contains(&action), "{action:?} is done at the platform");
    }
    assert!(!bench.other.iter().any(|action| action.starts_with("open leg")), "no speech passes here");
}

#[test]
fn signing_out_goes_offline_even_with_a_contact() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.command("o-1", Command::SignOut { state: None });
    let body = bench.answer("PutAgentState", response(200, &json!({})));
    assert_eq!(body["enqueueNextState"], true, "so that it also works during a contact (2.6)");
    assert_eq!(body["state"]["type"], "offline", "the state");
    bench.answer("/logout", response(302, &json!({})));
    assert_eq!(bench.reply("o-1"), Some(Ok(())), "done");
}
