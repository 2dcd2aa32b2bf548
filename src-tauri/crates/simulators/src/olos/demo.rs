//! Demo mode: a screen pop with each call of the demo, and a small roster.

use std::collections::BTreeSet;
use std::time::Duration;

use super::hub_event::HubEvent;
use super::options::{OlosAgent, OlosOptions, OnlineUser};
use super::sim::OlosSim;
use crate::Moment;
use crate::amazon_connect::{AmazonConnectSim, SimCall};

/// Numbers of statuses.
const IDLE: i64 = 1;
const TALKING: i64 = 2;
const WRAP: i64 = 3;

/// One agent who is an administrator as well. The token lasts a working day.
#[must_use]
pub fn demo_options() -> OlosOptions {
    OlosOptions {
        agents: vec![OlosAgent::named("52", "agent.one").admin()],
        token_life: Duration::from_secs(12 * 3600),
        ..OlosOptions::default()
    }
}

/// People who are online in demo mode; one of them twice.
#[must_use]
pub fn online_users() -> Vec<OnlineUser> {
    let now = (Moment::now().unix_seconds() * 1000.0) as i64;
    let user = |number: u32, username: &str, minutes: i64, host: u8| OnlineUser {
        user_id: format!("5b1d7c00-0000-4000-8000-{number:012}"),
        username: username.to_owned(),
        online_at: now - minutes * 60_000,
        ip_address: format!("198.51.100.{host}"),
    };
    vec![
        user(1, "sofia.sample", 131, 12),
        user(2, "priya.placeholder", 74, 23),
        user(2, "priya.placeholder", 5, 24),
        user(3, "marco.muster", 40, 31),
    ]
}

/// For each call that the other simulator offers: a screen pop with the same
/// customer, then the agent's status as the call goes. For ever; meant for
/// `tokio::spawn`.
pub async fn follow_calls(sim: &OlosSim, calls: &AmazonConnectSim) {
    let Some(sub) = sim.options().agents.first().map(|agent| agent.sub.clone()) else { return };
    let day = Duration::from_secs(86_400);
    // Before there is somebody to hear of it, nothing is told.
    if sim.expect_joined(&sub, day).await.is_err() {
        return;
    }
    sim.push(
        &sub,
        &HubEvent::voice("LoginCCM", serde_json::json!({ "agentName": "Agent One", "campaignCode": "DEMO" })),
    );
    sim.push(&sub, &HubEvent::status(IDLE, 0));
    let mut known = BTreeSet::new();
    let mut number = 91_000;
    loop {
        for call in calls.calls() {
            if known.insert(call.contact_id().to_owned()) {
                number += 1;
                let (sim, sub) = (sim.clone(), sub.clone());
                tokio::spawn(async move { accompany(&sim, &sub, number, &call).await });
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn accompany(sim: &OlosSim, sub: &str, number: i64, call: &SimCall) {
    let day = Duration::from_secs(86_400);
    let offer = call.offer();
    let mut pop = HubEvent::screen_pop(number, &offer.customer_number, &offer.customer_name);
    if let Some(data) = pop.data.as_mut().and_then(|data| data.as_object_mut()) {
        data.insert("queue".to_owned(), offer.queue.clone().into());
        for (name, value) in &offer.attributes {
            data.insert(name.clone(), value.clone().into());
        }
    }
    sim.push(sub, &pop);
    let over = |f: &crate::amazon_connect::CallFacts| {
        f.ended.is_some() || f.rejected.is_some() || f.missed.is_some() || f.abandoned.is_some()
    };
    let taken = call.expect("an answer", day, |f| over(f).then_some(false).or(f.accepted.map(|_| true))).await;
    if !taken.unwrap_or(false) {
        return;
    }
    sim.push(sub, &HubEvent::voice("ActiveCall", serde_json::json!({ "callId": number })));
    sim.push(sub, &HubEvent::status(TALKING, 0));
    let _ = call.expect("the end", day, |f| over(f).then_some(())).await;
    sim.push(sub, &HubEvent::status(WRAP, 0));
    let _ = call.expect_cleared(day).await;
    sim.push(sub, &HubEvent::status(IDLE, 0));
}
