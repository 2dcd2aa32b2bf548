//! What is sent has the recorded members.

use serde_json::{Map, Value, json};
use trunkline_simulators::twin24::{ClientOffer, EventForm, Twin24Sim};

use crate::desk::same_shape;
use crate::twin24_console::{ANNA, Console, ask, fixture, recorded, start};

/// Members of both, and nothing else on either side.
fn same_members(have: &Value, want: &Value, at: &str) {
    same_shape(have, want, at);
    same_shape(want, have, at);
}

#[tokio::test]
async fn answers_have_the_recorded_members() {
    let sim = start(|_| {}).await;
    let anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Ivan").saying("Здравствуйте")).unwrap();
    let first = session.messages()[0]["id"].as_str().unwrap().to_owned();
    let file = sim.store_file("bill.pdf", "application/pdf", b"x".to_vec());
    let body = json!({ "body": "Добрый день", "attachments": [file], "replyToMessageId": first });
    let answer = anna.ask("POST", &format!("/sessions/{}/operators/messages", session.id()), &body).await.json();
    same_members(&answer, &recorded("http-message-send"), "send");
    session.client_reads();
    for (path, name) in [
        ("/users/me".to_owned(), "http-users-me"),
        ("/timestamp".to_owned(), "http-timestamp-number"),
        ("/users".to_owned(), "http-operators"),
        ("/groups".to_owned(), "http-groups"),
        ("/sessions".to_owned(), "http-sessions"),
        (format!("/sessions/{}", session.id()), "http-session"),
    ] {
        same_members(&anna.get(&path).await, &recorded(name), name);
    }
    for (path, name) in [
        (format!("/sessions/{}/messages", session.id()), "http-session-messages"),
        (format!("/clients/{}/messages", session.client_id()), "http-client-messages"),
    ] {
        let (have, want) = (anna.get(&path).await, recorded(name));
        let pairs = have["items"].as_array().unwrap().iter().zip(want["items"].as_array().unwrap());
        for (have, want) in pairs {
            same_members(have, want, name);
        }
    }
    let missing = anna.ask("GET", "/sessions/nope", &Value::Null).await;
    assert_eq!((missing.status, missing.json()), (404, recorded("http-not-found")));
    let bearer = format!("Bearer {}", anna.token);
    let profile = ask(&format!("{}/users/me", sim.iam_url()), "GET", &[("Authorization", &bearer)], "").await.unwrap();
    same_members(&profile.json(), &recorded("http-users-me-iam"), "profile");
}

/// Makes every event happen once; gives them by name.
async fn all_events(sim: &Twin24Sim) -> Map<String, Value> {
    let mut anna = Console::open(sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Ivan").saying("Здравствуйте")).unwrap();
    session.client_writes("Ау").unwrap();
    let answer = anna.writes(session.id(), "Добрый день").await;
    session.colleague_edits(&answer, "Добрый день!").unwrap();
    session.client_reads();
    session.client_types();
    session.goes_offline();
    session.goes_online();
    session.to_bot().unwrap();
    session.to_operator(Some(ANNA)).unwrap();
    session.to_help().unwrap();
    session.client_closes().unwrap();
    sim.signed_in_elsewhere(ANNA).unwrap();
    sim.operator_logged_out(ANNA).unwrap();
    sim.operator_blocked(ANNA, "").unwrap();
    let mut events = Map::new();
    while events.len() < 15 {
        let event = anna.event().await;
        events.insert(event["event"].as_str().unwrap().to_owned(), event);
    }
    events
}

#[tokio::test]
async fn all_fifteen_events_have_the_recorded_members_in_each_form() {
    for (form, nested) in
        [(EventForm::Flat, None), (EventForm::Data, Some("data")), (EventForm::Payload, Some("payload"))]
    {
        let sim = start(|options| options.event_form = form).await;
        for (name, event) in all_events(&sim).await {
            let file = fixture(&format!("event-{name}"));
            let recorded = match nested {
                None => file["publication"].clone(),
                Some(nested) => {
                    let variants = file["variants"].as_array().unwrap();
                    variants.iter().find(|one| one.get(nested).is_some()).unwrap().clone()
                }
            };
            same_members(&event, &recorded, &name);
        }
    }
}
