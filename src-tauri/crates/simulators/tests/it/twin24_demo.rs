//! Demo mode, at a fast pace.

use std::time::Duration;

use serde_json::Value;
use trunkline_simulators::twin24::{SimSession, Twin24Pace, Twin24Sim, demo, demo_options};

use crate::twin24_console::{ANNA, Console};

const SOON: Duration = Duration::from_secs(20);

fn fast() -> Twin24Pace {
    Twin24Pace {
        next_session: Duration::from_millis(300),
        second_session: Duration::from_secs(60),
        thinking: Duration::from_millis(80),
        patience: Duration::from_secs(20),
        away: Duration::from_millis(80),
        help: Duration::from_secs(60),
    }
}

async fn running() -> (Twin24Sim, Console) {
    let sim = Twin24Sim::start(demo_options()).await.unwrap();
    let background = sim.clone();
    tokio::spawn(async move { demo(&background, fast()).await });
    let console = Console::open(&sim, ANNA).await;
    (sim, console)
}

/// The session that the operator gets next.
async fn next_session(sim: &Twin24Sim, console: &mut Console) -> SimSession {
    loop {
        let event = console.event().await;
        if event["event"] == "chatSessionAdded" {
            let id = event["session"]["id"].as_str().unwrap().to_owned();
            return sim.sessions().into_iter().find(|one| one.id() == id).unwrap();
        }
    }
}

#[tokio::test]
async fn a_client_comes_talks_is_away_for_a_while_and_leaves() {
    let (sim, mut console) = running().await;
    let session = next_session(&sim, &mut console).await;
    assert_eq!(session.name(), "Мария Кузнецова");
    let mut names = Vec::new();
    for n in 0..3 {
        console.writes(session.id(), &format!("Ответ {n}")).await;
        // The client's next words, and what comes before them.
        loop {
            let event = console.event().await;
            names.push(event["event"].as_str().unwrap().to_owned());
            if event["message"]["authorType"] == "CLIENT" {
                break;
            }
        }
    }
    session.expect_closed(SOON).await.unwrap();
    while names.last().is_none_or(|name| name != "sessionClosedByClient") {
        names.push(console.event().await["event"].as_str().unwrap().to_owned());
    }
    for name in
        ["chatMessageRead", "typing", "clientOffline", "clientOnline", "chatMessageEdited", "chatMessageCreated"]
    {
        assert!(names.iter().any(|one| one == name), "{name} was to be seen: {names:?}");
    }
    let finished = console.get("/sessions?status=closed").await;
    assert!(finished["count"].as_u64().unwrap() >= 9, "and an archive");
}

#[tokio::test]
async fn somebody_waits_in_help_and_answers_who_takes_it() {
    let (sim, console) = running().await;
    let waiting =
        sim.expect("help", SOON, |sim| sim.sessions().into_iter().find(SimSession::is_in_help)).await.unwrap();
    console.done("PUT", &format!("/sessions/{}/operators/42", waiting.id())).await;
    console.writes(waiting.id(), "Да, с десяти до шести.").await;
    waiting.expect_closed(SOON).await.unwrap();
    assert!(waiting.messages().iter().any(|one| one["body"].as_str().unwrap().contains("спасибо")));
}

#[tokio::test]
async fn the_colleague_takes_what_is_handed_over() {
    let (sim, mut console) = running().await;
    let session = next_session(&sim, &mut console).await;
    console.done("PATCH", &format!("/sessions/{}/operators/43", session.id())).await;
    let sent = session.expect_answered("Подключился", SOON).await.unwrap();
    assert_eq!(sent.operator, "boris@example.com");
    session.expect_edited("уже смотрю", SOON).await.unwrap();
}

#[tokio::test]
async fn a_name_runs_from_right_to_left_and_a_bot_comes_first() {
    let (sim, mut console) = running().await;
    let first = next_session(&sim, &mut console).await;
    let answer = console.ask("DELETE", &format!("/sessions/{}", first.id()), &Value::Null).await;
    assert_eq!(answer.status, 204);
    let bot =
        |sim: &Twin24Sim| sim.sessions().into_iter().find(|one| one.name() == "يوسف العلي" && one.operator().is_some());
    let second = sim.expect("the next client", SOON, bot).await.unwrap();
    assert_eq!(second.messages()[0]["authorType"], "BOT");
    assert_eq!(second.operator().as_deref(), Some(ANNA));
}
