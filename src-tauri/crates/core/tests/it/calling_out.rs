//! Outbound calls, the directory and third parties, from the panel's command to
//! the platform and back into the desk and the history.

use std::time::Duration;

use crate::config::{account, config};
use serde_json::{Value, json};
use trunkline_core::{Core, CoreConfig};
use trunkline_desk::{ContactView, DeskSnapshot};
use trunkline_model::{ConnectionKind, ConnectionState, ContactState, LinkState};
use trunkline_rpc::{RpcCode, RpcError, Window};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, Fault, OfferCall, OutboundAnswer, OutboundBehaviour, QuickConnect, SimOptions, TurnKind,
};

const SOON: Duration = Duration::from_secs(20);
const NUMBER: &str = "+12025550188";

struct Panel {
    core: Core,
    sim: AmazonConnectSim,
    _folder: tempfile::TempDir,
}

impl Panel {
    async fn open(options: SimOptions) -> Self {
        let sim = AmazonConnectSim::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({"address": sim.base_url(), "endpoints_failed_kept_ms": 0});
        let core = Core::start(CoreConfig {
            preset_accounts: vec![account(&settings, sim.token("agent.one"))],
            ..config(folder.path())
        })
        .await
        .unwrap();
        let panel = Self { core, sim, _folder: folder };
        panel
            .until("the account to be online", |desk| {
                desk.accounts.iter().any(|account| account.link.state == LinkState::Online && account.agent.is_some())
            })
            .await;
        panel
    }

    async fn call(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    async fn until(&self, what: &str, wanted: impl Fn(&DeskSnapshot) -> bool) -> DeskSnapshot {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let desk = self.core.snapshot();
            if wanted(&desk) {
                return desk;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "waited in vain for {what}: {:?}, {:?}",
                desk.contacts.iter().map(|view| (&view.contact.state, &view.contact.connections)).collect::<Vec<_>>(),
                desk.notices
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The one contact, once it is as wanted.
    async fn contact(&self, what: &str, wanted: impl Fn(&ContactView) -> bool) -> ContactView {
        let desk = self.until(what, |desk| desk.contacts.first().is_some_and(&wanted)).await;
        desk.contacts.into_iter().next().unwrap()
    }

    async fn connected(&self) -> Value {
        self.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        let offer = self.contact("an offer", |view| view.contact.state == ContactState::Offered).await;
        let key = json!({"account": "one", "contact": offer.key.contact});
        self.call("contact_accept", json!({"contact": key})).await.expect("accepting");
        self.contact("the call", |view| view.contact.state == ContactState::Connected && view.media.is_some()).await;
        key
    }
}

fn parties(view: &ContactView) -> Vec<(ConnectionKind, ConnectionState)> {
    view.contact.parties().map(|leg| (leg.kind.clone(), leg.state.clone())).collect()
}

fn numbers(desk: &DeskSnapshot) -> Option<String> {
    desk.accounts.first().and_then(|account| account.pending_dial.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pasted_number_is_called_once_and_written_into_the_history() {
    let panel = Panel::open(SimOptions::default()).await;
    for typed in ["", "0202 5550188", "+1 202", "+1-800-FLOWERS", "javascript:alert(1)", "+0123456789"] {
        let error =
            panel.call("agent_dial", json!({"account": "one", "number": typed, "queue": null})).await.unwrap_err();
        assert_eq!(error.code, RpcCode::Invalid, "{typed:?}");
        assert_eq!(error.message_key, "error_number_invalid", "{typed:?} has words for it");
        assert_eq!(error.field.as_deref(), Some("number"), "{typed:?}: the field is marked");
    }
    let strange = json!({"account": "one", "number": NUMBER, "queue": "nobody's"});
    assert_eq!(panel.call("agent_dial", strange).await.unwrap_err().message_key, "error_queue_unknown");
    assert!(panel.sim.requests_of("CreateOutboundContact").is_empty(), "nothing of it reached the platform");

    let dial = json!({"account": "one", "number": "tel:+1 (202) 555-0188;ext=7", "queue": null});
    let (first, second) = tokio::join!(panel.call("agent_dial", dial.clone()), panel.call("agent_dial", dial));
    first.expect("dialled");
    assert_eq!(second.unwrap_err().message_key, "error_already_dialling", "two presses are one call");
    let view = panel.contact("the call", |view| view.contact.state == ContactState::Connected).await;
    assert_eq!(view.contact.customer.address.as_deref(), Some(NUMBER), "the number as the platform dials it");
    assert_eq!(numbers(&panel.core.snapshot()), None, "dialling is over");
    assert_eq!(panel.sim.requests_of("CreateOutboundContact").len(), 1, "one call");
    let end = json!({"contact": {"account": "one", "contact": view.key.contact}, "connection": null});
    panel.call("contact_end", end).await.expect("hanging up");
    panel.contact("its end", |view| view.contact.state.is_finished()).await;
    let deadline = tokio::time::Instant::now() + SOON;
    let written = loop {
        let read = panel.call("history_read", json!({"limit": 10, "offset": 0})).await.unwrap();
        if let Some(entry) = read.as_array().and_then(|entries| entries.first()) {
            break entry.clone();
        }
        assert!(tokio::time::Instant::now() < deadline, "the call is written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(written["direction"], "outbound", "as the agent's own call: {written}");
    assert_eq!(written["customer"]["address"], NUMBER, "with its number");
    assert_eq!(written["outcome"], "ended_by_agent", "and who ended it");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_line_and_a_refused_call_are_told_apart() {
    let panel = Panel::open(SimOptions::default()).await;
    let busy =
        OutboundBehaviour { answer: OutboundAnswer::Busy(Duration::from_millis(200)), ..OutboundBehaviour::default() };
    panel.sim.set_outbound(busy);
    let dial = json!({"account": "one", "number": NUMBER, "queue": null});
    panel.call("agent_dial", dial.clone()).await.expect("dialled");
    let view = panel.contact("the failure", |view| view.contact.state.is_finished()).await;
    assert_eq!(view.contact.outcome, Some(trunkline_model::Outcome::Busy), "busy is a fate of its own");
    let key = json!({"account": "one", "contact": view.key.contact});
    panel.call("contact_clear", json!({"contact": key})).await.expect("cleared");
    panel.until("an empty desk", |desk| desk.contacts.is_empty()).await;

    panel.sim.fail_next("CreateOutboundContact", Fault::Exception("BadEndpointException"), 1);
    let error = panel.call("agent_dial", dial).await.unwrap_err();
    assert_eq!((error.code, error.message_key.as_str()), (RpcCode::Invalid, "error_bad_target"), "the panel is told");
    let told: Vec<String> = panel.core.snapshot().notices.into_iter().map(|notice| notice.message_key).collect();
    assert!(told.contains(&"notice_command_bad_target_dial".to_owned()), "and the agent, in words: {told:?}");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory_is_paged_and_searched_and_a_lost_page_is_admitted() {
    let options = SimOptions { directory: QuickConnect::branches(250), directory_page: 60, ..SimOptions::default() };
    let panel = Panel::open(options).await;
    panel.sim.fail_endpoint_page(2, Fault::Status(500));
    let ask = |search: &str, after: Value| json!({"account": "one", "contact": null, "search": search, "after": after});
    let part = panel.call("endpoint_list", ask("", Value::Null)).await.unwrap();
    assert_eq!(part["complete"], false, "two of five pages were read");
    let (mut names, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    while pages == 0 || !after.is_null() {
        let page = panel.call("endpoint_list", ask("", after)).await.unwrap();
        assert_eq!(page["complete"], true, "read again, whole");
        names.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()));
        after = page["next"].clone();
        pages += 1;
    }
    let expected: Vec<String> = (1..=250).map(|number| format!("Branch {number:05}")).collect();
    assert_eq!((names, pages), (expected, 3), "every entry once, by name, a hundred a page");
    let found = panel.call("endpoint_list", ask("branch 00042", Value::Null)).await.unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "by name");
    let found = panel.call("endpoint_list", ask("+1 (202) 555-0000042", Value::Null)).await.unwrap();
    assert_eq!(found["items"][0]["name"], "Branch 00042", "and by number, however it is written");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mute_stays_through_consulting_changing_over_and_bringing_together() {
    use ConnectionState::{Connected, Hold};
    let panel = Panel::open(SimOptions::default()).await;
    let key = panel.connected().await;
    panel.call("contact_mute", json!({"contact": key, "muted": true})).await.expect("muted");
    let muted = |view: &ContactView| view.media.as_ref().is_some_and(|media| media.mute_wanted);
    let list = json!({"account": "one", "contact": key["contact"], "search": "office", "after": null});
    let office = panel.call("endpoint_list", list).await.unwrap()["items"][0].clone();
    assert_eq!(office["name"], "Head office", "the directory has it");

    let add = json!({"contact": key, "target": {"kind": "endpoint", "id": office["id"]}});
    let (first, second) =
        tokio::join!(panel.call("contact_add_party", add.clone()), panel.call("contact_add_party", add));
    first.expect("called");
    assert_eq!(second.unwrap_err().message_key, "error_party_being_added", "pressed twice, called once");
    let both = |customer: ConnectionState, third: ConnectionState| {
        move |view: &ContactView| {
            parties(view) == [(ConnectionKind::Initial, customer.clone()), (ConnectionKind::ThirdParty, third.clone())]
        }
    };
    let view = panel.contact("the consultation", both(Hold, Connected)).await;
    assert!(muted(&view), "muted while consulting");
    assert!(view.pending.is_empty(), "and nothing is on its way: {:?}", view.pending);
    panel.call("contact_swap", json!({"contact": key})).await.expect("changed over");
    let view = panel.contact("the customer back", both(Connected, Hold)).await;
    assert!(muted(&view), "muted after changing over");
    panel.call("contact_conference", json!({"contact": key})).await.expect("together");
    let view = panel.contact("all together", both(Connected, Connected)).await;
    assert!(muted(&view), "muted in the conference");
    let third = view.contact.parties().last().unwrap().id.clone();
    let digits = json!({"contact": key, "connection": third, "digits": "42#"});
    panel.call("contact_digits", digits).await.expect("tones to the third party");
    let call = panel.sim.calls().into_iter().next().unwrap();
    call.third_parties()[0].expect_digits("42#", SOON).await.expect("who hears them");
    assert_eq!(call.customer().facts().digits, "", "and the customer does not");
    panel.call("contact_end", json!({"contact": key, "connection": third})).await.expect("dropped");
    let view = panel.contact("the third party gone", |view| parties(view).len() == 1).await;
    assert!(muted(&view), "muted when the third party has left");
    assert_eq!(call.third_parties().len(), 1, "one was called in all of it");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_relay_is_told_once_while_it_rings() {
    let panel = Panel::open(SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }).await;
    panel.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let about_sound = |desk: &DeskSnapshot| {
        let keys = desk.notices.iter().map(|notice| notice.message_key.clone());
        keys.filter(|key| key.starts_with("notice_media_")).collect::<Vec<_>>()
    };
    panel.until("the message", |desk| !about_sound(desk).is_empty()).await;
    // A second one of the same failure would come at the same moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(about_sound(&panel.core.snapshot()), ["notice_media_ice_gathering_timeout_at"], "once, with the relay");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_expires_in_the_middle_of_a_transfer_loses_nobody() {
    let panel = Panel::open(SimOptions::default()).await;
    let key = panel.connected().await;
    let list = json!({"account": "one", "contact": key["contact"], "search": "office", "after": null});
    let office = panel.call("endpoint_list", list).await.unwrap()["items"][0]["id"].clone();
    panel.sim.expire_tokens();
    let add = json!({"contact": key, "target": {"kind": "endpoint", "id": office}});
    panel.call("contact_add_party", add).await.expect("called with a new token");
    panel
        .contact("the consultation", |view| {
            let states: Vec<ConnectionState> = parties(view).into_iter().map(|(_, state)| state).collect();
            states == [ConnectionState::Hold, ConnectionState::Connected]
        })
        .await;
    let call = panel.sim.calls().into_iter().next().unwrap();
    assert_eq!(call.third_parties().len(), 1, "once");
    panel.sim.expire_tokens();
    panel.call("contact_conference", json!({"contact": key})).await.expect("together");
    panel.sim.expire_tokens();
    panel.call("contact_end", json!({"contact": key})).await.expect("left to the others");
    let view = panel.contact("the agent out of it", |view| view.contact.state.is_finished()).await;
    assert_eq!(view.contact.outcome, Some(trunkline_model::Outcome::Transferred), "the others talk on");
    assert!(panel.core.snapshot().notices.is_empty(), "nobody is bothered");
    panel.core.shut_down().await;
}
