//! Calls as an agent plays them, and what the page hears of each.

use std::time::Duration;

use anyhow::{Context as _, Result};
use trunkline_simulators::amazon_connect::{OfferCall, SimCall};

use super::{CARD, CARD_NAME, Desk, about, sight};
use crate::harness::stage::{AGENT, PATIENCE};

/// Rings this long when it is to be missed.
const SHORT_RING: Duration = Duration::from_secs(2);
const PERSON: &str = "+12025550142";

impl Desk {
    pub(super) async fn declined(&mut self) -> Result<()> {
        self.checks.step("a call that is declined");
        let call = self.offer(OfferCall { customer_name: "Ben Sample".to_owned(), ..OfferCall::to(AGENT) }).await?;
        let frame = format!("[data-testid='plugin'][data-plugin='{CARD}']");
        self.stage.wait_words(&frame, CARD_NAME).await?;
        self.stage.wait_words("[data-testid='decline']", "").await?;
        let spot = sight::spot_of_page(&self.stage).await?;
        let seen = sight::wait_colour(&self.stage, spot, true).await;
        self.checks.require(seen, "the page is seen beside what rings")?;
        self.stage.picture("beside-an-offer");
        let mark = self.card.mark();
        self.click("decline").await?;
        self.did(call.expect_rejected(PATIENCE).await, "the platform has the refusal")?;
        self.heard(mark, "reject_call", "the agent declines", about(&call)).await?;
        self.put_away(&call, mark, "reject_call").await
    }

    pub(super) async fn missed(&mut self) -> Result<()> {
        self.checks.step("a call that nobody takes");
        let offer =
            OfferCall { customer_name: "Emil Missed".to_owned(), ring: Some(SHORT_RING), ..OfferCall::to(AGENT) };
        let call = self.offer(offer).await?;
        let mark = self.card.mark();
        self.did(call.expect_missed(PATIENCE).await, "it rings out at the platform")?;
        self.heard(mark, "missed_call", "it rings out", about(&call)).await?;
        self.put_away(&call, mark, "missed_call").await
    }

    pub(super) async fn dialled(&mut self) -> Result<()> {
        self.checks.step("a call that the agent makes");
        let mark = self.card.mark();
        self.click("new-call").await?;
        self.stage.wait_words("[data-testid='dial-sheet']", "").await?;
        self.stage.fill("[data-testid='dial-number']", PERSON).await?;
        self.click("dial-call").await?;
        let dialled = self.stage.sim.expect_dialled(AGENT, PATIENCE).await;
        let call = self.did(dialled, "the platform is asked to call")?;
        let calling = self.heard(mark, "outgoing_call", "the agent calls a number", about(&call)).await?;
        self.checks.check(calling["number"] == PERSON, "with that number", &calling["number"]);
        let early = self.card.since(mark).iter().any(|(name, _)| name == "call_started");
        self.checks.check(!early, "nothing is said to have started yet", early);
        call.answer()?;
        self.heard(mark, "call_started", "who was called answers", about(&call)).await?;
        // The card grows when the call is live: a button is where it stays from then on.
        let live = self.say.say("contact_live", &[])?;
        self.stage.wait_words("[data-testid='call-state']", &live).await?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        self.click("end").await?;
        self.did(call.expect_ended_by_agent(PATIENCE).await, "the agent hangs up")?;
        let ended = self.heard(mark, "call_ended", "the agent hangs up", about(&call)).await?;
        self.checks.check(ended["reason"] == "agent", "with its reason", &ended["reason"]);
        self.finished(&call, mark).await
    }

    pub(super) async fn held(&mut self, call: &SimCall) -> Result<()> {
        self.checks.step("hold");
        let mark = self.card.mark();
        self.click("hold").await?;
        self.did(call.expect_hold(PATIENCE).await, "the customer is on hold")?;
        let held = self.heard(mark, "on_hold", "the agent holds the customer", about(call)).await?;
        let leg = &held["connectionId"];
        self.checks.check(*leg == call.customer_connection_id(), "with the customer's line", leg);
        self.click("resume").await?;
        self.did(call.expect_resumed(PATIENCE).await, "the customer is taken off hold")?;
        self.heard(mark, "off_hold", "the agent takes the customer off hold", about(call)).await.map(drop)
    }

    /// A state is chosen while a call goes on, and the customer hangs up.
    pub(super) async fn state_for_afterwards(&mut self) -> Result<()> {
        self.checks.step("a state for after the call; the customer hangs up");
        let from = self.card.mark();
        let call = self.talked_with("Carla Sample").await?;
        let mark = self.card.mark();
        self.click("state-menu").await?;
        self.click("state-option-Break").await?;
        let chosen = self.stage.sim.agent(AGENT).expect_next_state(Some("Break"), PATIENCE).await;
        self.did(chosen, "the platform knows the state for after the call")?;
        let next = self.heard(mark, "next_status", "a state is chosen during a call", |_| true).await?;
        let status = &next["status"];
        let fits = status["name"] == "Break" && status["type"] == "NOT_ROUTABLE";
        self.checks.check(fits, "with its name and kind", status);
        call.customer_hangs_up().await?;
        let ended = self.heard(mark, "call_ended", "the customer hangs up", about(&call)).await?;
        let snapshot = self.stage.snapshot().await?;
        let outcome = snapshot["contacts"][0]["contact"]["outcome"].clone();
        // Where both lines end at one moment the platform does not tell who hung up.
        let reason = if outcome == "ended_by_customer" { "customer" } else { "ended" };
        let known = outcome == "ended_by_customer" || outcome == "handled";
        let fits = known && ended["reason"] == reason;
        self.checks.check(
            fits,
            "with as much of a reason as the panel knows",
            format!("{outcome}: {}", ended["reason"]),
        );
        self.wrapped_up(&call, mark).await?;
        let state = self.stage.sim.agent(AGENT).expect_state("Break", PATIENCE).await;
        self.did(state, "the agent is in that state")?;
        let calls: Vec<String> =
            self.card.since(from).into_iter().map(|(name, _)| name).filter(|name| name != "next_status").collect();
        let wanted = ["incoming_call", "call_started", "call_ended", "after_call_work", "after_call_work_end"];
        self.checks.check(
            calls == wanted,
            "the page has heard of this call what the reference says, in order",
            format!("{calls:?}"),
        );
        Ok(())
    }

    /// Work after the call is done, and the agent is free.
    pub(super) async fn finished(&mut self, call: &SimCall, mark: usize) -> Result<()> {
        self.wrapped_up(call, mark).await?;
        let available = self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await;
        self.did(available, "the agent is Available")
    }

    async fn wrapped_up(&mut self, call: &SimCall, mark: usize) -> Result<()> {
        self.heard(mark, "after_call_work", "the call is over", about(call)).await?;
        self.click("finish").await?;
        self.did(call.expect_cleared(PATIENCE).await, "the platform has cleared the contact")?;
        self.heard(mark, "after_call_work_end", "the agent has finished", about(call)).await.map(drop)
    }

    /// A call that was missed or declined is put away, and the agent is free.
    async fn put_away(&mut self, call: &SimCall, mark: usize, told: &str) -> Result<()> {
        self.stage.wait_words("[data-testid='dismiss']", "").await.context("its card")?;
        self.click("dismiss").await?;
        self.stage.wait_none("[data-testid^='contact-']").await?;
        let here = about(call);
        let gone =
            self.card.hears(mark, "contact_updated", |payload| here(payload) && payload["contact"]["state"] == "gone");
        let gone = gone.await;
        self.checks.require(gone, "put away: the page hears that it is gone")?;
        let names: Vec<String> = self.card.since(mark).into_iter().map(|(name, _)| name).collect();
        self.checks.check(names == [told, "contact_updated"], "and of this call nothing else", format!("{names:?}"));
        let agent = self.stage.sim.agent(AGENT);
        if agent.state() != "Available" {
            agent.set_state("Available")?;
        }
        Ok(())
    }
}
