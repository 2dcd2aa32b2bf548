//! What a panel can do where a platform has media, whispers, wrap-up codes and a
//! second factor: from the panel's commands to the platform.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_core::{Core, CoreConfig, PresetAccount};
use trunkline_desk::DeskSnapshot;
use trunkline_model::{ContactState, ConversationState, LinkState, MediaStateKind};
use trunkline_rpc::{RpcError, Window};
use trunkline_simulators::expertflow::{
    CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowSim, SecondFactor, SimChat,
};
use trunkline_store::AccountRecord;

use crate::config::config;

const SOON: Duration = Duration::from_secs(20);
const AGENT: &str = "adams";

struct Panel {
    core: Core,
    sim: ExpertflowSim,
    _folder: tempfile::TempDir,
}

impl Panel {
    async fn open(options: ExpertflowOptions) -> Self {
        let sim = ExpertflowSim::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({ "address": sim.base_url(), "username": AGENT });
        let record = AccountRecord {
            id: "chats".into(),
            platform: "expertflow".into(),
            name: "Chats".to_owned(),
            settings: settings.as_object().unwrap().clone(),
        };
        let password = sim.options().password(AGENT);
        let account = PresetAccount { record, secrets: vec![("password".to_owned(), password.into())] };
        let core = Core::start(CoreConfig { preset_accounts: vec![account], ..config(folder.path()) }).await.unwrap();
        Self { core, sim, _folder: folder }
    }

    /// Online, ready, and with one chat that was taken.
    async fn at_work() -> (Self, SimChat, Value) {
        let mut options = ExpertflowOptions { wrap_up: Some(Duration::from_secs(60)), ..ExpertflowOptions::default() };
        options.agents = vec![
            ExpertflowAgent::named(1101, AGENT, "Ada", "Adams").only_queue("Web Care"),
            ExpertflowAgent::named(1102, "brown", "Ben", "Brown").only_queue("Billing").played(),
        ];
        let panel = Self::open(options).await;
        panel.until("the account to be online", |desk| desk.accounts[0].link.state == LinkState::Online).await;
        panel.sim.set_ready(AGENT).unwrap();
        let chat = panel.sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care").saying("Hello?")).unwrap();
        let offered =
            |desk: &DeskSnapshot| desk.contacts.iter().any(|view| view.contact.state == ContactState::Offered);
        let desk = panel.until("the offer", offered).await;
        let key = serde_json::to_value(&desk.contacts[0].key).unwrap();
        panel.ask("contact_accept", json!({ "contact": key })).await.unwrap();
        let open = |desk: &DeskSnapshot| {
            desk.conversations.iter().any(|view| view.conversation.state == ConversationState::Open)
        };
        panel.until("the conversation", open).await;
        (panel, chat, key)
    }

    async fn ask(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    async fn refused(&self, name: &str, payload: Value) -> String {
        self.ask(name, payload).await.expect_err("refused").message_key
    }

    async fn until(&self, what: &str, wanted: impl Fn(&DeskSnapshot) -> bool) -> DeskSnapshot {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let desk = self.core.snapshot();
            if wanted(&desk) {
                return desk;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn chat_medium(desk: &DeskSnapshot) -> Option<MediaStateKind> {
    let media = &desk.accounts[0].agent.as_ref()?.media;
    media.iter().find(|medium| medium.name == "CHAT").map(|medium| medium.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_medium_is_switched_and_a_refusal_explains_itself() {
    let panel = Panel::open(ExpertflowOptions::default()).await;
    let desk = panel.until("the account to be online", |desk| desk.accounts[0].link.state == LinkState::Online).await;
    let domain = desk.accounts[0].agent.as_ref().unwrap().media.iter().find(|medium| medium.name == "CHAT").unwrap();
    let on = json!({ "account": "chats", "domain": domain.id, "ready": true });
    panel.ask("agent_set_media", on.clone()).await.expect_err("the agent as a whole is not ready");
    let told = |desk: &DeskSnapshot| {
        desk.notices.iter().any(|notice| notice.message_key == "notice_command_not_possible_set_media")
    };
    panel.until("the explanation", told).await;
    panel.ask("agent_set_state", json!({ "account": "chats", "state": "READY", "when_free": false })).await.unwrap();
    panel.ask("agent_set_media", on).await.unwrap();
    panel.until("the medium to be on", |desk| chat_medium(desk) == Some(MediaStateKind::Ready)).await;
    assert_eq!(panel.sim.chat_state(AGENT), "READY", "at the platform, too");
    let nowhere = json!({ "account": "chats", "domain": "hologram", "ready": true });
    assert_eq!(panel.refused("agent_set_media", nowhere).await, "error_medium_unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_meant_for_a_colleague_never_reaches_the_customer() {
    let (panel, chat, key) = Panel::at_work().await;
    let whisper =
        |text: &str| json!({ "contact": key, "text": text, "markdown": false, "reply_to": null, "internal": true });
    assert_eq!(panel.refused("conversation_send", whisper("to nobody")).await, "error_nobody_to_whisper_to");
    panel
        .ask("contact_add_party", json!({ "contact": key, "target": { "kind": "endpoint", "id": "queue:Billing" } }))
        .await
        .unwrap();
    panel.until("a colleague", |desk| desk.conversations[0].conversation.whispers).await;
    panel.ask("conversation_send", whisper("The customer is angry.")).await.unwrap();
    let said = chat.expect_message("The customer is angry.", SOON).await.unwrap();
    assert_eq!(said.name, "WHISPER_MESSAGE", "for agents' eyes alone");
    let shown = |desk: &DeskSnapshot| desk.messages.iter().any(|placed| placed.message.internal);
    panel.until("the whisper to be shown as one", shown).await;
    assert_eq!(chat.messages().len(), 1, "nothing else was said");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_are_checked_noted_and_end_the_contact() {
    let (panel, chat, key) = Panel::at_work().await;
    let note = |codes: Value, note: &str| json!({ "contact": key, "codes": codes, "note": note });
    let solved = json!({ "category": "Support", "value": "Solved" });
    assert_eq!(panel.refused("contact_wrap_up", note(json!([]), "  ")).await, "error_wrap_up_empty");
    assert_eq!(panel.refused("contact_wrap_up", note(json!([solved, solved]), "")).await, "error_invalid", "twice");
    let strange = json!([{ "category": "Support", "value": "Exploded" }]);
    assert_eq!(panel.refused("contact_wrap_up", note(strange, "")).await, "error_invalid");
    let many = vec![solved.clone(); 6];
    assert_eq!(panel.refused("contact_wrap_up", note(json!(many), "")).await, "error_wrap_up_too_many");
    assert_eq!(panel.refused("contact_wrap_up", note(json!([]), &"x".repeat(1_001))).await, "error_too_long");
    panel.ask("contact_end", json!({ "contact": key, "connection": null })).await.unwrap();
    let after = |desk: &DeskSnapshot| {
        desk.contacts
            .first()
            .is_some_and(|view| view.contact.state == ContactState::Ended && view.contact.wrap_up_ends.is_some())
    };
    panel.until("after-contact work with its end", after).await;
    panel.ask("contact_wrap_up", note(json!([solved]), "Found it.")).await.unwrap();
    panel.until("the contact to be gone", |desk| desk.contacts.is_empty()).await;
    let noted = chat.facts().wrap_ups;
    assert_eq!(noted[0]["wrapups"], json!([{ "categoryName": "Support", "value": "Solved" }]));
    assert_eq!(noted[0]["note"], "Found it.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_factor_is_asked_for_and_answered() {
    let factor = SecondFactor::App { registered: true };
    let panel = Panel::open(ExpertflowOptions { second_factor: factor, ..ExpertflowOptions::default() }).await;
    let desk = panel.until("the question", |desk| desk.accounts[0].challenge.is_some()).await;
    assert_eq!(desk.accounts[0].link.state, LinkState::NeedsSignIn);
    assert_eq!(
        panel.refused("account_answer", json!({ "account": "chats", "text": " " })).await,
        "error_field_missing"
    );
    panel.ask("account_answer", json!({ "account": "chats", "text": "000000" })).await.unwrap();
    let wrong = |desk: &DeskSnapshot| desk.accounts[0].challenge.as_ref().is_some_and(|challenge| challenge.wrong);
    panel.until("to be told that it was wrong", wrong).await;
    panel.ask("account_answer", json!({ "account": "chats", "text": " 123 456 " })).await.unwrap();
    let desk = panel.until("to be online", |desk| desk.accounts[0].link.state == LinkState::Online).await;
    assert!(desk.accounts[0].challenge.is_none(), "nothing is asked any more");
}

#[tokio::test]
async fn places_people_and_notes_are_checked_before_they_are_sent() {
    let (panel, chat, key) = Panel::at_work().await;
    let place = |latitude: &str, longitude: &str| json!({ "contact": key, "place": { "latitude": latitude, "longitude": longitude, "name": null, "address": null } });
    for (wrong, field) in [(place("91", "1"), "latitude"), (place("1", "east"), "longitude")] {
        let error = panel.ask("conversation_send_place", wrong).await.unwrap_err();
        assert_eq!((error.message_key.as_str(), error.field.as_deref()), ("error_degrees", Some(field)));
    }
    panel.ask("conversation_send_place", place("52,5", "13.4")).await.expect("taken");
    let cards =
        |name: &str, phone: &str| json!({ "contact": key, "cards": [{ "name": name, "phones": [phone], "more": [] }] });
    assert_eq!(panel.refused("conversation_send_cards", cards(" ", "1")).await, "error_field_missing");
    panel.ask("conversation_send_cards", cards("Pat", "+49 30 1")).await.expect("taken");
    let arrived = chat
        .expect("both to arrive", SOON, |_| {
            let kinds: Vec<String> = chat.messages().iter().map(|m| m.body["type"].to_string()).collect();
            let has = |kind: &str| kinds.iter().any(|known| known.contains(kind));
            (has("LOCATION") && has("CONTACT")).then_some(())
        })
        .await;
    arrived.unwrap();
    panel.until("nothing to be on its way", |desk| desk.conversations[0].outgoing.is_empty()).await;
    let target = json!({ "kind": "endpoint", "id": "queue:Billing" });
    let long = json!({ "contact": key, "target": target, "note": "x".repeat(1_001) });
    assert_eq!(panel.refused("contact_transfer", long).await, "error_too_long");
    let gone = json!({ "contact": key, "adviser": "agent:nobody", "stay": false });
    assert_eq!(panel.refused("contact_end_consult", gone).await, "error_adviser_gone");
}

#[tokio::test]
async fn customers_lists_and_words_are_asked_for_through_the_panel() {
    let (panel, _chat, key) = Panel::at_work().await;
    let card = panel.ask("contact_customer", json!({ "contact": key })).await.unwrap();
    assert_eq!(card["record"]["name"], "Chris Sample");
    let find = |words: String| json!({ "account": "chats", "words": words, "page": 0 });
    assert_eq!(panel.refused("customer_find", find("  ".to_owned())).await, "error_field_missing");
    assert_eq!(panel.refused("customer_find", find("x".repeat(101))).await, "error_too_long");
    assert!(!panel.ask("customer_find", find("a".to_owned())).await.unwrap()["items"].as_array().unwrap().is_empty());
    assert!(panel.ask("contact_past", json!({ "contact": key, "page": 0 })).await.unwrap()["items"].is_array());
    let words = panel.ask("canned_messages", json!({ "account": "chats" })).await.unwrap();
    assert!(!words.as_array().unwrap().is_empty());
    assert_eq!(panel.refused("supervision", json!({ "account": "chats" })).await, "error_not_allowed");

    let lists =
        panel.until("the lists", |desk| !desk.accounts[0].work_lists.is_empty()).await.accounts[0].work_lists.clone();
    let list = serde_json::to_value(&lists[0].id).unwrap();
    let subscribe = |list: &Value| json!({ "account": "chats", "list": list, "subscribed": true });
    assert_eq!(panel.refused("work_list_subscribe", subscribe(&json!("none"))).await, "error_list_gone");
    panel.ask("work_list_subscribe", subscribe(&list)).await.unwrap();
    panel.sim.customer_waits_in(&lists[0].name, CustomerOffer::of("Pat Query", "Web Care")).unwrap();
    let waits = |desk: &DeskSnapshot| desk.accounts[0].work_lists[0].items.first().map(|item| item.id.clone());
    let desk = panel.until("somebody to wait", |desk| waits(desk).is_some()).await;
    let on = |item: &str| json!({ "account": "chats", "list": list, "item": item });
    assert_eq!(panel.refused("work_take", on("none")).await, "error_work_gone");
    panel.ask("work_take", on(waits(&desk).unwrap().as_str())).await.unwrap();
    panel.until("both conversations", |desk| desk.conversations.len() == 2).await;
}
