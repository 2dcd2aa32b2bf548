//! What a server can do wrong, over real sockets.

use std::time::Duration;

use serde_json::json;
use trunkline_connector::testing::{ConformanceFixture, Credentials, Seat, Seated, run};
use trunkline_model::LinkState;
use trunkline_simulators::olos::{HubEvent, OlosOptions};

use crate::support::Fixture;

async fn online(fixture: &Fixture, log: &trunkline_connector::testing::LogLines) -> Seated {
    fixture.put_credentials(Seat::One, Credentials::Right).await;
    let mut seated = Seated::sit(fixture, Seat::One, log);
    seated.until_link(LinkState::Online).await;
    seated
}

#[test]
fn a_hundred_thousand_events_arrive_in_order_while_the_desk_is_slow() {
    run(async |log| {
        let fixture = Fixture::with(OlosOptions::default()).await;
        let mut seated = online(&fixture, &log).await;
        let sim = fixture.sim.clone();
        let flood = tokio::spawn(async move { sim.flood("52", 100_000, Duration::from_secs(5)).await });
        let (mut told, mut slept): (Vec<String>, usize) = (Vec::with_capacity(100_000), 0);
        while told.len() < 100_000 {
            seated.until("more events", |picture| !picture.platform_events.is_empty()).await;
            seated.watch(Duration::from_millis(5)).await;
            told.extend(seated.picture.platform_events.drain(..).map(|event| event.id.as_str().to_owned()));
            // Now and then it takes nothing: the server has to wait.
            if told.len() / 20_000 != slept {
                slept = told.len() / 20_000;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        assert_eq!(told, flood.await.unwrap(), "all of them, in their order");
        assert_eq!(seated.picture.link.state, LinkState::Online, "on one connection");
        seated.leave().await;
    });
}

#[test]
fn a_megabyte_and_a_roster_of_ten_thousand_are_taken() {
    run(async |log| {
        let fixture = Fixture::with(OlosOptions::default()).await;
        let mut seated = online(&fixture, &log).await;
        let long = "x".repeat(1_000_000);
        let mut event = HubEvent::voice("ThirdPartyEvent", json!({ "data": long }));
        event.id = Some("large".to_owned());
        fixture.sim.push("52", &event);
        seated.until("the event", |picture| !picture.platform_events.is_empty()).await;
        assert_eq!(seated.picture.platform_events[0].field("data").map(str::len), Some(1_000_000), "whole");
        let references: Vec<String> =
            (0..10_000).map(|number| fixture.comes_online(&format!("user {number}"))).collect();
        seated.until("everybody", |picture| picture.roster.len() == 10_001).await;
        // The whole list comes as one message after a reconnect.
        fixture.sim.drop_sockets();
        seated.until("nobody", |picture| picture.roster.is_empty()).await;
        seated.until("everybody again", |picture| picture.roster.len() == 10_001).await;
        fixture.goes_offline("user 0", &references[0]);
        seated.until("one less", |picture| picture.roster.len() == 10_000).await;
        seated.leave().await;
    });
}

/// The fixture with `verbose` set: `run` fails when a token, a number or a name is in a line.
#[test]
fn the_verbose_log_names_members_and_no_values() {
    run(async |log| {
        let fixture = Fixture::with(OlosOptions::default()).await.verbose();
        let mut seated = online(&fixture, &log).await;
        fixture.happens(Seat::One);
        fixture.comes_online("colleague");
        seated.until("the event", |picture| !picture.platform_events.is_empty()).await;
        assert!(log.any(|line| line.contains("phoneNumber") && line.contains("ScreenPopVoice")), "members by name");
        assert!(log.any(|line| line.contains("[masked]")), "and that a token was sent");
        seated.leave().await;
    });
}

#[test]
fn a_silent_join_is_told_and_mended() {
    run(async |log| {
        let fixture = Fixture::with(OlosOptions::default()).await;
        fixture.sim.weather(|weather| weather.silent_joins = true);
        fixture.put_credentials(Seat::One, Credentials::Right).await;
        let mut seated = Seated::sit(&fixture, Seat::One, &log);
        seated.until_link(LinkState::Offline).await;
        assert_eq!(seated.picture.link.reason.as_deref(), Some("link_reason_join_silent"));
        fixture.sim.weather(|weather| weather.silent_joins = false);
        seated.until_link(LinkState::Online).await;
        seated.leave().await;
    });
}

#[test]
fn changes_of_the_roster_before_its_state_are_not_lost() {
    run(async |log| {
        let fixture = Fixture::with(OlosOptions::default()).await;
        fixture.sim.weather(|weather| weather.late_state = true);
        let mut seated = online(&fixture, &log).await;
        seated.until("oneself", |picture| picture.roster.iter().any(|entry| entry.name == "adams")).await;
        assert_eq!(seated.picture.roster.len(), 1, "once");
        seated.leave().await;
    });
}
