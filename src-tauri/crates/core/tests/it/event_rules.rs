//! What is done with events: by rule, once, in measure, and tried out without
//! anything being done.

use std::time::Duration;

use crate::platform_events::Panel;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use trunkline_core::{ShellEvent, SubjectKey};
use trunkline_simulators::olos::HubEvent;

/// Long enough for something to happen that should not.
const QUIET: Duration = Duration::from_millis(900);

/// What went to the shell, in words.
async fn shown(shell: &mut Receiver<ShellEvent>) -> Vec<String> {
    let mut shown = Vec::new();
    while let Ok(event) = tokio::time::timeout(QUIET, shell.recv()).await {
        match event {
            Ok(ShellEvent::OpenPage { address, .. }) => shown.push(format!("page {address}")),
            Ok(ShellEvent::EventArrived { event, account_name, more, .. }) => {
                shown.push(format!("told {} of {account_name}, {more} more", event.id));
            }
            Ok(ShellEvent::GoTo(place)) => shown.push(format!("go {place}")),
            _ => {}
        }
    }
    shown.sort();
    shown
}

async fn pages(panel: &Panel) -> Value {
    let pages = json!({
        "templates": [
            { "name": "CRM", "when": "offer", "url": "https://crm.example/?phone={{phoneNumber}}&who={{customer.name}}&c={{queue.id}}" },
            { "name": "Tickets", "when": "hand", "url": "https://tickets.example/{{data.ticket}}" },
            { "name": "Other campaign", "when": "offer", "queues": ["7"], "url": "https://crm.example/no" },
        ],
        "allowed_domains": ["*.example"],
        "allow_http": false,
    });
    panel.call("screen_pops_save", pages).await["templates"].clone()
}

fn ticket(number: &str) -> HubEvent {
    HubEvent::voice("ThirdPartyEvent", json!({ "data": format!("{{\"ticket\":\"{number}\"}}") }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rule_that_fits_notifies_opens_its_pages_once_and_brings_the_panel_to_the_front() {
    let mut panel = Panel::open().await;
    let kept = pages(&panel).await;
    let rules = json!({ "rules": [
        { "kinds": ["nothing like it"], "acts": ["notify", "bring_to_front"] },
        { "name": " Calls ", "sorts": ["screen_pop"], "campaigns": [" 22 ", ""], "acts": ["notify", "ring", "open_page", "bring_to_front"] },
        { "sorts": ["third_party"], "acts": ["open_page"], "page": kept[1]["id"] },
    ]});
    let saved = panel.call("event_rules_save", rules).await;
    assert_eq!(saved["rules"][1]["name"], "Calls", "tidied: {saved}");
    assert_eq!(saved["rules"][1]["campaigns"], json!(["22"]));
    let mut shell = panel.core.shell_events();
    let id = panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
    let page = "page https://crm.example/?phone=%2B12025550147&who=Ana%20Example&c=22";
    assert_eq!(
        shown(&mut shell).await,
        [format!("go event/hub/{id}"), page.to_owned(), format!("told {id} of Hub, 0 more")],
        "once each: the call that the event begins opens nothing beside it"
    );
    panel.sim.push("52", &ticket("T-1"));
    assert_eq!(shown(&mut shell).await, ["page https://tickets.example/T-1"], "the page that the rule names, alone");
    panel.sim.push("52", &HubEvent::status(4, 0));
    assert!(shown(&mut shell).await.is_empty(), "no rule, nothing done");

    panel.restart().await;
    let mut shell = panel.core.shell_events();
    panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example").with_id(&id));
    let again = shown(&mut shell).await;
    assert!(!again.iter().any(|line| line.starts_with("page")), "told again in the next run, no page opens: {again:?}");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ignored_is_read_and_its_pages_open_by_hand_also_later() {
    let mut panel = Panel::open().await;
    pages(&panel).await;
    panel.call("event_rules_save", json!({ "rules": [{ "acts": [] }] })).await;
    let mut shell = panel.core.shell_events();
    let id = panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
    let desk = panel.until("the event", |desk| !desk.events.is_empty()).await;
    assert!(!desk.events[0].unread, "ignored: listed as read");
    assert!(shown(&mut shell).await.is_empty(), "and nothing is done");
    let event = json!({ "account": "hub", "event": id });
    for run in ["this run", "the next run, from the history"] {
        let choices = panel.call("event_pops", json!({ "event": event })).await;
        let names: Vec<&str> = choices.as_array().unwrap().iter().filter_map(|page| page["name"].as_str()).collect();
        assert_eq!(names, ["CRM", "Tickets"], "{run}: the other campaign's is not meant");
        let mut shell = panel.core.shell_events();
        let open = json!({ "event": event, "page": choices[0]["id"] });
        assert_eq!(panel.call("event_pop_open", open).await, json!({ "problem": null }), "{run}");
        assert_eq!(shown(&mut shell).await.len(), 1, "{run}: it opens");
        let open = json!({ "event": event, "page": choices[1]["id"] });
        let answer = panel.call("event_pop_open", open).await;
        assert_eq!(answer["problem"]["params"]["about"], "data.ticket", "{run}: a field it has not is named");
        panel.restart().await;
    }
    let gone = panel.ask("event_pops", json!({ "event": { "account": "hub", "event": "never" } })).await.unwrap_err();
    assert_eq!(gone.message_key, "error_event_gone");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_browser_the_agent_is_told_and_a_flood_opens_ten_pages() {
    let panel = Panel::open().await;
    let kept = pages(&panel).await;
    let id = panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
    let has = |desk: &trunkline_desk::DeskSnapshot, key: &str| desk.notices.iter().any(|one| one.message_key == key);
    // Nobody listens for addresses.
    panel.until("the notice", |desk| has(desk, "notice_screen_pop_no_browser")).await;
    let mut shell = panel.core.shell_events();
    let key = SubjectKey::Event(trunkline_desk::EventKey { account: "hub".into(), event: id.as_str().into() });
    panel.core.page_not_opened(&key, kept[0]["id"].as_str().unwrap());
    let listed = panel.call("screen_pops", json!({})).await;
    assert_eq!(listed["failures"][0]["customer"], "Ana Example", "listed with whom it was about");

    for call in 0..40 {
        panel.sim.push("52", &HubEvent::screen_pop(100 + call, "+12025550147", "Ana Example"));
    }
    let desk = panel.until("the last", |desk| desk.events.len() == 41).await;
    assert!(desk.events.iter().all(|view| view.unread), "all of them are listed, unread");
    let mut opened = 0;
    // Announced a moment ago, the next announcement waits for the last of them.
    let told = loop {
        match tokio::time::timeout(Duration::from_secs(10), shell.recv()).await.expect("they are told").unwrap() {
            ShellEvent::OpenPage { .. } => opened += 1,
            ShellEvent::EventArrived { event, more, .. } => break (event.id, more),
            _ => {}
        }
    };
    assert_eq!(opened, 9, "with the first one ten");
    assert_eq!(told, (desk.events[40].event.id.clone(), 39), "told once for all of them");
    assert!(has(&panel.core.snapshot(), "notice_event_pages_held"), "and the agent hears why");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let panel = Panel::open().await;
    let kept = pages(&panel).await;
    let mut shell = panel.core.shell_events();
    let rules = json!([
        { "kinds": ["ThirdParty*"], "acts": ["open_page"], "page": kept[1]["id"] },
        { "sorts": ["screen_pop"], "channels": ["outbound"], "acts": ["notify", "open_page"] },
    ]);
    let tried = async |pasted: &str| {
        panel.ask("event_rules_try", json!({ "account": "hub", "rules": rules, "pasted": pasted })).await
    };
    // The example of the vendor's readme, as an event and as the socket's frame.
    let example: Value = serde_json::from_str(include_str!(
        "../../../../connectors/olos/tests/fixtures/olos-agenthub/readme-example-event.json"
    ))
    .unwrap();
    let frame = example["phoenix_frame"].as_str().unwrap();
    for pasted in [example["event"].to_string(), frame.to_owned(), format!("[{}]", example["event"])] {
        let answer = tried(&pasted).await.unwrap();
        assert_eq!(answer[0]["event"]["kind"], "ScreenPopVoice");
        assert_eq!(answer[0]["event"]["fields"][0], json!({ "name": "someField", "value": "some value" }));
        assert_eq!((&answer[0]["rule"], &answer[0]["acts"]), (&json!(1), &json!(["notify", "open_page"])));
        assert_eq!(
            answer[0]["pages"][0]["problem"]["params"]["about"], "phoneNumber",
            "a page would not open, and why"
        );
        assert_eq!(answer.as_array().unwrap().len(), 1);
    }
    let third = json!({ "eventType": "ThirdParty", "eventData": { "data": "{\"ticket\": \"A/1\"}" } });
    let status = json!({ "eventType": "ChangeStatusVoice", "eventData": { "agentStatusId": 1 } });
    let answer = tried(&json!([third, status]).to_string()).await.unwrap();
    assert_eq!(
        answer[0]["pages"],
        json!([{ "name": "Tickets", "address": "https://tickets.example/A%2F1", "problem": null }])
    );
    assert_eq!((&answer[1]["rule"], &answer[1]["unread"]), (&Value::Null, &json!(false)), "no rule fits a status");

    let long = format!("\"{}\"", "x".repeat(17 << 20));
    for (pasted, field, key) in [
        ("", "pasted", "error_event_no_json"),
        ("{\"eventType\": \"A\"", "pasted", "error_event_no_json"),
        ("7", "pasted", "error_event_none"),
        ("null", "pasted", "error_event_none"),
        ("[]", "pasted", "error_event_none"),
        ("{}", "pasted", "error_event_none"),
        (long.as_str(), "pasted", "error_event_too_long"),
    ] {
        let error = tried(pasted).await.unwrap_err();
        let start: String = pasted.chars().take(30).collect();
        assert_eq!((error.field.as_deref(), error.message_key.as_str()), (Some(field), key), "{start}");
    }
    let nobody =
        panel.ask("event_rules_try", json!({ "account": "x", "rules": [], "pasted": "{}" })).await.unwrap_err();
    assert_eq!(nobody.message_key, "error_account_gone");
    assert!(shown(&mut shell).await.is_empty(), "nothing is done");
    assert!(panel.core.snapshot().events.is_empty(), "nor listed");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_are_not_in_order_or_not_the_agents_are_not_kept() {
    let panel = Panel::open().await;
    let built_in = panel.call("event_rules", json!({})).await;
    assert_eq!(built_in["rules"][0]["sorts"], json!(["screen_pop"]), "screen pops are told from the first day");
    assert_eq!(built_in["fixed"], false);
    let unknown = json!({ "rules": [{}, { "acts": ["open_page"], "page": "gone" }] });
    let error = panel.ask("event_rules_save", unknown).await.unwrap_err();
    assert_eq!((error.field.as_deref(), error.message_key.as_str()), (Some("rules.1.page"), "error_screen_pop_gone"));
    let many: Vec<Value> = (0..101).map(|_| json!({})).collect();
    assert!(panel.ask("event_rules_save", json!({ "rules": many })).await.is_err(), "nor a hundred and one");
    assert_eq!(panel.call("event_rules", json!({})).await, built_in, "nothing has changed");
    panel.core.shut_down().await;

    let fixed = "[[enforced.events.rules]]\nname = \"Company\"\nsorts = [\"status\"]\nacts = [\"notify\"]\n";
    let panel = Panel::with_policy(fixed).await;
    let rules = panel.call("event_rules", json!({})).await;
    assert_eq!((&rules["fixed"], &rules["rules"][0]["name"]), (&json!(true), &json!("Company")));
    let mut shell = panel.core.shell_events();
    let id = panel.sim.push("52", &HubEvent::status(4, 0));
    assert_eq!(shown(&mut shell).await, [format!("told {id} of Hub, 0 more")], "the administrator's rule is at work");
    let error = panel.ask("event_rules_save", json!({ "rules": [] })).await.unwrap_err();
    assert_eq!(error.message_key, "error_enforced");
    panel.core.shut_down().await;
}
