//! Pages that open for a contact, with a real conversation behind them: when,
//! with which address, never twice, and what the agent hears when one does not.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::chatting::{AGENT, Panel, Talk};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use trunkline_core::ShellEvent;
use trunkline_model::{ContactState, NoticeAction};
use trunkline_simulators::amazon_connect::OfferChat;

/// Long enough for a page that should not open to have opened.
const QUIET: Duration = Duration::from_millis(700);

fn offer(attributes: &[(&str, &str)]) -> OfferChat {
    let attributes: BTreeMap<String, String> =
        attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    OfferChat { attributes, ..OfferChat::to(AGENT) }
}

fn page(name: &str, when: &str, url: &str) -> Value {
    json!({ "name": name, "when": when, "url": url })
}

async fn keep(panel: &Panel, pages: Vec<Value>) -> Value {
    let rules = json!({ "templates": pages, "allowed_domains": ["*.example"], "allow_http": false });
    panel.call("screen_pops_save", rules).await.expect("the pages are in order")
}

/// Addresses that went to the browser since the last look.
async fn opened(shell: &mut Receiver<ShellEvent>) -> Vec<String> {
    let mut addresses = Vec::new();
    while let Ok(event) = tokio::time::timeout(QUIET, shell.recv()).await {
        if let Ok(ShellEvent::OpenPage { address, .. }) = event {
            addresses.push(address.to_string());
        }
    }
    addresses
}

async fn offered(panel: &Panel, offer: OfferChat) -> Talk {
    let talk = Talk::of(&panel.sim.offer_chat(offer).await.unwrap());
    panel.until("the offer", |desk| talk.state(desk) == Some(ContactState::Offered)).await;
    talk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_open_at_their_step_with_the_contacts_values_and_never_twice() {
    let mut panel = Panel::open().await;
    keep(
        &panel,
        vec![
            page("Ring", "offer", "https://crm.example/ring?order={{orderNumber}}&who={{customer.name}}"),
            page("Work", "accept", "https://crm.example/{{contact.channel}}/{{contact.id}}"),
            page("Notes", "hand", "https://notes.example/?q={{queue.name}}"),
            json!({ "name": "Elsewhere", "when": "offer", "url": "https://crm.example/no", "queues": ["Sales"] }),
            json!({ "name": "Others", "when": "offer", "url": "https://crm.example/no", "account": "two" }),
            json!({ "name": "Here", "when": "offer", "url": "https://crm.example/here", "queues": ["sUPPORT"], "account": "one" }),
        ],
    )
    .await;
    let mut shell = panel.shell_events();
    let talk = offered(&panel, offer(&[("orderNumber", "A&1/../x")])).await;
    let ring = "https://crm.example/ring?order=A%261%2F..%2Fx&who=Customer%20One";
    assert_eq!(opened(&mut shell).await, [ring, "https://crm.example/here"], "with the offer, what belongs to it");

    panel.call("contact_accept", json!({ "contact": talk.key })).await.unwrap();
    panel.until("the conversation", |desk| talk.is_open(desk)).await;
    let work = format!("https://crm.example/chat/{}", talk.key.contact);
    assert_eq!(
        opened(&mut shell).await,
        std::slice::from_ref(&work),
        "once it is taken, the other one, and none again"
    );

    let choices = panel.call("contact_pops", json!({ "contact": talk.key })).await.unwrap();
    let names: Vec<_> = choices.as_array().unwrap().iter().map(|choice| choice["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ring", "Work", "Notes", "Here"], "only pages of its queue and account are offered");
    let was_opened = |choice: &Value| choice["opened_at"].is_number();
    let marks: Vec<_> = choices.as_array().unwrap().iter().map(was_opened).collect();
    assert_eq!(marks, [true, true, false, true], "and those that were opened are marked");

    for (at, address) in [(2, "https://notes.example/?q=Support"), (1, work.as_str()), (1, work.as_str())] {
        let by_hand = json!({ "contact": talk.key, "page": choices[at]["id"] });
        let answer = panel.call("contact_pop_open", by_hand).await.unwrap();
        assert_eq!(answer, json!({ "problem": null }), "by hand");
        assert_eq!(opened(&mut shell).await, [address], "as often as the agent likes");
    }

    panel.sim.drop_sockets();
    tokio::time::sleep(QUIET).await;
    assert!(opened(&mut shell).await.is_empty(), "not again when the connection comes back");
    panel.kill().await;
    panel.start().await;
    let mut shell = panel.shell_events();
    panel.until("the contact again", |desk| talk.is_open(desk)).await;
    assert!(opened(&mut shell).await.is_empty(), "nor after a restart in the middle of the contact");
    // Tried before anybody listened, it would have failed and been listed.
    let listed = panel.call("screen_pops", json!({})).await.unwrap();
    assert_eq!(listed["failures"], json!([]), "nor was it tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_open_is_told_where_it_matters_and_listed_in_the_settings() {
    let panel = Panel::open().await;
    let mut shell = panel.shell_events();
    let saved = keep(
        &panel,
        vec![
            page("Order", "offer", "https://crm.example/?order={{orderNumber}}"),
            page("Path", "offer", "https://crm.example/{{step}}/x"),
        ],
    )
    .await;
    let talk = offered(&panel, offer(&[("step", ".."), ("orderNumber", " ")])).await;
    let desk = panel
        .until("both notices", |desk| {
            desk.notices.iter().filter(|notice| notice.message_key.starts_with("notice_screen_pop_")).count() == 2
        })
        .await;
    assert!(opened(&mut shell).await.is_empty(), "nothing opens instead");
    let missing = desk.notices.iter().find(|notice| notice.message_key == "notice_screen_pop_missing").unwrap();
    assert_eq!((missing.params["page"].as_str(), missing.params["about"].as_str()), ("Order", "orderNumber"));
    assert_eq!(missing.contact.as_ref(), Some(&talk.key.contact), "it belongs to the contact, and goes with it");
    assert_eq!(missing.action, Some(NoticeAction::ScreenPops), "with the way to the settings");
    assert!(desk.notices.iter().any(|notice| notice.message_key == "notice_screen_pop_other_page"));

    let listed = panel.call("screen_pops", json!({})).await.unwrap();
    let failures = listed["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 2, "both are in the settings: {failures:?}");
    assert_eq!(failures[0]["customer"], "Customer One", "with whom it was about");

    let by_hand = json!({ "contact": talk.key, "page": saved["templates"][0]["id"] });
    let answer = panel.call("contact_pop_open", by_hand.clone()).await.unwrap();
    assert_eq!(answer["problem"]["message_key"], "notice_screen_pop_missing", "by hand the answer says why");

    // The administrator narrows the list: what was in order no longer is.
    let narrowed =
        json!({ "templates": saved["templates"], "allowed_domains": ["other.example"], "allow_http": false });
    panel.call("screen_pops_save", narrowed).await.expect("pages that were there stay");
    let answer = panel.call("contact_pop_open", by_hand).await.unwrap();
    assert_eq!(answer["problem"]["message_key"], "notice_screen_pop_domain_not_allowed");
    assert_eq!(answer["problem"]["params"]["about"], "crm.example", "the host is named");

    panel.call("screen_pops_forget", json!({})).await.unwrap();
    let listed = panel.call("screen_pops", json!({})).await.unwrap();
    assert_eq!(listed["failures"], json!([]), "put away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_browser_the_agent_is_told_and_can_try_again_by_hand() {
    let panel = Panel::open().await;
    keep(&panel, vec![page("Ring", "offer", "https://crm.example/?c={{contact.id}}")]).await;
    // Nobody listens for addresses.
    let talk = offered(&panel, offer(&[])).await;
    let no_browser = |desk: &trunkline_desk::DeskSnapshot| {
        desk.notices.iter().any(|notice| notice.message_key == "notice_screen_pop_no_browser")
    };
    panel.until("the notice", no_browser).await;
    let mut shell = panel.shell_events();
    let choices = panel.call("contact_pops", json!({ "contact": talk.key })).await.unwrap();
    let by_hand = json!({ "contact": talk.key, "page": choices[0]["id"] });
    assert_eq!(panel.call("contact_pop_open", by_hand).await.unwrap(), json!({ "problem": null }));
    let address = format!("https://crm.example/?c={}", talk.key.contact);
    assert_eq!(opened(&mut shell).await, [address]);
    panel.until("the notice to go", |desk| !no_browser(desk)).await;
    // The shell's own word, when starting the browser fails.
    panel.page_not_opened(&talk.key, choices[0]["id"].as_str().unwrap());
    panel.until("the notice again", no_browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_opens_nothing_and_a_page_that_is_not_in_order_is_not_kept() {
    let panel = Panel::open().await;
    let mut shell = panel.shell_events();
    let talk = offered(&panel, offer(&[("tier", "gold & more")])).await;
    let preview = async |url: &str, contact: Value| {
        let form = json!({ "url": url, "allowed_domains": ["crm.example"], "allow_http": false, "contact": contact });
        panel.call("screen_pop_preview", form).await.unwrap()
    };
    let url = "https://crm.example/?t={{tier}}&a={{customer.address}}";
    let example = preview(url, Value::Null).await;
    assert_eq!(example["address"], "https://crm.example/?t=%3Ctier%3E&a=%2B4930123456", "with examples");
    let real = preview(url, json!(talk.key)).await;
    assert_eq!(real["fields"][0], json!({ "name": "tier", "value": "gold & more" }), "with the contact's values");
    assert_eq!(real["address"], Value::Null, "a chat has no number");
    assert_eq!(real["problem"]["params"]["about"], "customer.address", "which is named");
    let elsewhere = preview("https://evil.example/", Value::Null).await;
    assert_eq!(elsewhere["problem"]["message_key"], "notice_screen_pop_domain_not_allowed");

    for (bad, field) in [
        (json!([{ "name": " ", "url": "https://crm.example/" }]), "templates.0.name"),
        (json!([{ "name": "a", "url": "https://{{host}}/" }]), "templates.0.url"),
        (json!([{ "name": "a", "url": "http://crm.example/" }]), "templates.0.url"),
        (json!([{ "name": "a", "url": "https://evil.example/" }]), "templates.0.url"),
    ] {
        let form = json!({ "templates": bad, "allowed_domains": ["crm.example"], "allow_http": false });
        let error = panel.call("screen_pops_save", form).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "the field is named: {bad}");
    }
    let form = json!({ "templates": [], "allowed_domains": ["https://crm.example/x"], "allow_http": false });
    let error = panel.call("screen_pops_save", form).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("allowed_domains"), "a domain is a host, not an address");
    let kept = panel.call("screen_pops", json!({})).await.unwrap();
    assert_eq!(kept["templates"], json!([]), "nothing of it is kept");
    assert!(opened(&mut shell).await.is_empty(), "and nothing opened");
}
