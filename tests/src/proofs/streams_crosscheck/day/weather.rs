//! Bad weather: a lost socket, a refused token, a service that fails once,
//! snapshots that say nothing new or something unheard of.

use anyhow::Result;
use trunkline_simulators::amazon_connect::{Fault, SnapshotTwist};

use super::{AGENT, Day, SOON};
use crate::proofs::streams_crosscheck::seat::until;

/// All of it, each time with a contact in hand, and with one afterwards.
pub async fn all(day: &mut Day<'_>) -> Result<()> {
    lost_socket(day).await?;
    refused_token(day).await?;
    odd_snapshots(day).await
}

async fn lost_socket(day: &mut Day<'_>) -> Result<()> {
    let (chat, id) = day.chat_taken("chat over a lost socket").await?;
    let gained =
        |records: &[super::Record]| records.iter().filter(|r| r.event == "agent::websocket_connection_gained").count();
    let before = gained(&day.seat.records());
    day.sim.drop_sockets();
    until(day.seat, "the socket's return", |all| gained(all) > before).await?;
    day.sim.expect_topic(AGENT, "aws/chat", SOON).await?;
    day.hears(&chat, &id, "after the loss").await?;
    day.end(&id).await?;
    day.is(&id, "ended: agent disconnected, customer disconnected").await?;
    day.told("chat", &id, "ended", "").await?;
    day.clear(&id).await
}

/// A refused token: the vendor's client tries the same one again after 5 s
/// (2.5: twenty times), ours fetches a new one. The next poll is the one after
/// that which tells that the customer has hung up.
async fn refused_token(day: &mut Day<'_>) -> Result<()> {
    let (call, id) = day.taken("call over a refused token").await?;
    let renewed = |day: &Day<'_>| day.sim.requests_of("authorize").len();
    let before = renewed(day);
    day.sim.fail_next("GetAgentSnapshot", Fault::Status(401), 1);
    call.customer_hangs_up().await?;
    day.agent_is("system AfterCallWork").await?;
    day.renewals = renewed(day) - before;
    day.gone(&id).await?;
    day.agent_is("routable Available").await
}

async fn odd_snapshots(day: &mut Day<'_>) -> Result<()> {
    day.sim.fail_next("GetAgentSnapshot", Fault::Status(500), 1);
    day.sim.agent(AGENT).push_unknown(SnapshotTwist::UnknownMembers);
    day.sim.duplicate_events(true);
    let (_, id) = day.taken("call after a failed poll").await?;
    day.finished(&id).await?;
    day.sim.duplicate_events(false);
    day.available().await
}
