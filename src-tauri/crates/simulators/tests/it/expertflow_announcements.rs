//! Announcements of supervisors in Expertflow CX.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{ExpertflowOptions, ExpertflowSim};

use crate::desk::{Desk, SOON, rest, same_shape};
use crate::wire::fixture;

const PATH: &str = "/team-announcement/announcement";

async fn start() -> ExpertflowSim {
    let mut options = ExpertflowOptions::default();
    options.agents[1].team = "Sales".to_owned();
    ExpertflowSim::start(options).await.expect("it starts")
}

async fn rows(desk: &Desk, query: &str) -> Vec<Value> {
    desk.get(&format!("{PATH}/{query}")).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn they_reach_their_teams_are_seen_and_taken_back() {
    let sim = start().await;
    let (mut adams, mut brown) = (Desk::open(&sim, "adams").await, Desk::open(&sim, "brown").await);
    let clark = Desk::open(&sim, "clark").await;
    let id = sim.announce("clark", "Planned maintenance at 18:00", &["Support"]);
    let told = adams.event("ANNOUNCEMENT_CREATED").await;
    same_shape(&told, &fixture("expertflow/ANNOUNCEMENT_CREATED.json"), "created");
    assert_eq!(told["_id"], id.as_str());
    let team = clark.supervised().await;
    let mine = rows(&adams, &format!("?teamIds={team},other&status=active")).await;
    same_shape(&json!(mine), &fixture("expertflow/announcements.json"), "announcements");
    assert_eq!(mine[0], told);
    assert!(rows(&adams, "?teamIds=other&status=active").await.is_empty());
    assert!(rows(&adams, &format!("?teamIds={team}&status=expired")).await.is_empty());
    assert_eq!(rows(&clark, &format!("?page=1&limit=1000&supervisorIds={}", clark.id)).await.len(), 1);
    assert!(rows(&clark, &format!("?page=2&limit=1&supervisorIds={}", clark.id)).await.is_empty());
    for _ in 0..2 {
        let path = format!("{PATH}/seenStatus/{id}");
        let answer = rest(&sim.base_url(), "PUT", &path, &adams.token, &json!({})).await;
        assert_eq!((answer.status, answer.json()["seenBy"].clone()), (200, json!([adams.id])), "once");
    }
    sim.expect_announcement_seen(&id, "adams", SOON).await.unwrap();
    assert_eq!(sim.announcement_seen_by(&id), ["adams"]);
    assert!(sim.withdraw_announcement(&id) && !sim.withdraw_announcement(&id));
    let gone = adams.event("ANNOUNCEMENT_DELETED").await;
    same_shape(&gone, &fixture("expertflow/ANNOUNCEMENT_DELETED.json"), "deleted");
    assert!(!brown.hears("ANNOUNCEMENT_CREATED", Duration::from_millis(200)).await, "another team's");
    assert!(sim.announcements().is_empty());
}

#[tokio::test]
async fn they_wait_for_their_time_and_expire() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    let soon = Duration::from_millis(400);
    let id = sim.announce_for("clark", "Later", &["Support"], soon, soon);
    let status = |wanted: &'static str| {
        move |sim: &ExpertflowSim| sim.announcements().iter().any(|row| row["status"] == wanted).then_some(())
    };
    sim.expect("to be scheduled", SOON, status("scheduled")).await.unwrap();
    assert!(!adams.hears("ANNOUNCEMENT_CREATED", Duration::from_millis(100)).await, "not yet");
    let told = adams.event("ANNOUNCEMENT_CREATED").await;
    assert_eq!((told["_id"].as_str(), told["status"].as_str()), (Some(id.as_str()), Some("active")));
    tokio::time::sleep(soon + Duration::from_millis(100)).await;
    assert_eq!(rows(&adams, "?status=expired").await.len(), 1);
    assert!(rows(&adams, "?status=active").await.is_empty());
}

#[tokio::test]
async fn supervisors_write_change_and_delete_them() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    let clark = Desk::open(&sim, "clark").await;
    let team = clark.supervised().await;
    let body = json!({
        "announcementText": "Stand-up at nine", "priority": "Low", "scheduledTime": "2026-01-01T00:00:00.000Z",
        "expiryTime": "2099-01-01T00:00:00.000Z", "supervisorId": clark.id, "supervisorName": "clark",
        "teams": [{ "teamId": team, "teamName": "Support" }],
    });
    let ask = async |method: &str, path: &str, who: &Desk, body: &Value| {
        rest(&sim.base_url(), method, path, &who.token, body).await
    };
    assert_eq!(ask("POST", PATH, &adams, &body).await.status, 403, "no supervisor");
    for (member, value) in [
        ("announcementText", json!(" ")),
        ("priority", Value::Null),
        ("expiryTime", json!("soon")),
        ("scheduledTime", json!(17)),
        ("teams", json!([])),
        ("supervisorId", Value::Null),
    ] {
        let mut bad = body.clone();
        bad[member] = value;
        assert_eq!(ask("POST", PATH, &clark, &bad).await.status, 400, "{member}");
    }
    let mut other = body.clone();
    other["teams"][0]["teamId"] = json!("another");
    assert_eq!(ask("POST", PATH, &clark, &other).await.status, 403);
    let made = ask("POST", PATH, &clark, &body).await;
    assert_eq!((made.status, made.json()["status"].as_str()), (201, Some("active")));
    let path = format!("{PATH}/{}", made.json()["_id"].as_str().unwrap());
    adams.event("ANNOUNCEMENT_CREATED").await;
    let mut changed = body.clone();
    changed["announcementText"] = json!("Stand-up at ten");
    assert_eq!(ask("PUT", &path, &clark, &changed).await.status, 200);
    assert_eq!(adams.event("ANNOUNCEMENT_CREATED").await["announcementText"], "Stand-up at ten");
    assert_eq!(adams.get(&path).await["announcementText"], "Stand-up at ten");
    assert_eq!(ask("DELETE", &path, &adams, &Value::Null).await.status, 403);
    assert_eq!(ask("DELETE", &path, &clark, &Value::Null).await.status, 200);
    adams.event("ANNOUNCEMENT_DELETED").await;
    assert_eq!(ask("GET", &path, &adams, &Value::Null).await.status, 404);
    assert_eq!(ask("PUT", &format!("{PATH}/seenStatus/x"), &adams, &json!({})).await.status, 404);
    assert_eq!(ask("GET", &format!("{PATH}/?status=great"), &adams, &Value::Null).await.status, 400);
}
