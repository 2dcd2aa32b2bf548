//! What is put to the agent first: handing over, and dropping a party.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;
use trunkline_simulators::amazon_connect::{SimCall, SimParty};

use super::collector::Order;
use super::{BILLING, BILLING_NUMBER, CARD_NAME, Desk, HEAD_OFFICE, HEAD_OFFICE_NUMBER, about};
use crate::harness::stage::PATIENCE;

const QUESTION: &str = "[data-testid='plugin-ask-text']";

impl Desk {
    /// The page asks, and the question is there with its name, the target and the customer.
    async fn asks(&mut self, message: &str, payload: &Value, key: &str, target: &str, customer: &str) -> Result<Order> {
        let order = self.card.order("send", &[json!(message), payload.clone()]);
        let words = self.say.say(key, &[("plugin", CARD_NAME), ("target", target)])?;
        let asked = self.stage.wait_words(QUESTION, &words).await;
        self.checks.require(asked, &format!("the agent is asked: {words}"))?;
        let about = self.stage.wait_words("[data-testid='plugin-ask-contact']", customer).await;
        self.checks.require(about, &format!("and sees that it is about {customer}"))?;
        Ok(order)
    }

    /// The agent says no: the page is told, and nothing has happened.
    async fn is_not_allowed(&mut self, call: &SimCall, message: &'static str, order: Order) -> Result<()> {
        let before = call.third_parties().len();
        self.click("plugin-ask-refuse").await?;
        let said = self.card.answer(order).await?;
        let code = said.as_ref().err().map(|no| no.code.as_str());
        let declined = code == Some("user_declined");
        self.checks.check(declined, &format!("{message}, not allowed: user_declined"), format!("{said:?}"));
        ensure!(declined, "{message} was answered with {said:?}");
        let gone = self.stage.wait_none(QUESTION).await;
        self.checks.require(gone, "the question is gone")?;
        let after = call.third_parties().len();
        self.checks.check(after == before, "and nobody was called", format!("{before}, then {after}"));
        ensure!(after == before, "somebody was called all the same");
        Ok(())
    }

    /// The agent says yes: it is done.
    async fn is_allowed(&mut self, message: &str, order: Order) -> Result<()> {
        self.click("plugin-ask-allow").await?;
        let said = self.card.answer(order).await?;
        let what = format!("{message}, allowed: the page is told that it is done");
        self.checks.check(said.is_ok(), &what, format!("{said:?}"));
        ensure!(said.is_ok(), "{message} was answered with {said:?}");
        let gone = self.stage.wait_none(QUESTION).await;
        self.checks.require(gone, "the question is gone")
    }

    /// Asked twice: not allowed, then allowed. Gives who is called then.
    async fn hands_over(
        &mut self,
        call: &SimCall,
        message: &'static str,
        wish: &Value,
        (target, number): (&str, &str),
    ) -> Result<SimParty> {
        let customer = self.customer_shown().await?;
        let order = self.asks(message, wish, "plugin_ask_transfer", target, &customer).await?;
        self.stage.picture(&format!("question-{message}"));
        self.is_not_allowed(call, message, order).await?;
        let mark = self.card.mark();
        let known = call.third_parties().len();
        let order = self.asks(message, wish, "plugin_ask_transfer", target, &customer).await?;
        self.is_allowed(message, order).await?;
        let third = called(call, known).await;
        let third = self.checks.require(third, &format!("{target} is called at the platform"))?;
        let leg = third.connection_id().to_owned();
        self.heard(mark, "add_connection", &format!("{target} is called at {number}"), |payload| {
            payload["connection"]["id"] == leg.as_str() && payload["connection"]["number"] == number
        })
        .await?;
        self.table.message(message, &format!("asked, refused; asked, allowed: {target} rings"));
        Ok(third)
    }

    async fn customer_shown(&self) -> Result<String> {
        let snapshot = self.stage.snapshot().await?;
        Ok(snapshot["contacts"][0]["contact"]["customer"]["name"].as_str().unwrap_or_default().to_owned())
    }

    /// Consulted, swapped, merged; then the page drops the third party.
    pub(super) async fn handed_to_a_number(&mut self, call: &SimCall) -> Result<()> {
        self.checks.step("transfer_call: a number, consulted, merged, dropped");
        let wish = json!({
            "number": HEAD_OFFICE_NUMBER,
            "name": HEAD_OFFICE,
            "endpoint": {
                "endpointARN": "arn:aws:connect:eu-central-1:000000000000:instance/i/transfer-destination/d",
                "endpointId": "d",
                "type": "phone_number",
                "name": HEAD_OFFICE,
                "phoneNumber": HEAD_OFFICE_NUMBER,
            },
        });
        // By the number too: a page may give one whatever name it likes.
        let asked = format!("{HEAD_OFFICE}, {HEAD_OFFICE_NUMBER}");
        let third = self.hands_over(call, "transfer_call", &wish, (&asked, HEAD_OFFICE_NUMBER)).await?;
        let number = self.stage.sim.requests_of("CreateAdditionalConnection").len();
        self.checks.check(number == 1, "by one CreateAdditionalConnection", number);
        third.answer()?;
        self.did(third.expect_connected(PATIENCE).await, "the third party answers")?;
        let mark = self.card.mark();
        self.click("swap").await?;
        self.did(third.expect_hold(PATIENCE).await, "swapped: the third party is on hold")?;
        self.heard(mark, "toggle_connections", "swapped between customer and third party", about(call)).await?;
        let mark = self.card.mark();
        self.click("conference").await?;
        self.did(third.expect_resumed(PATIENCE).await, "merged")?;
        let merged = self.heard(mark, "conference_connections", "merged", about(call)).await?;
        let legs = merged["connections"].as_array().cloned().unwrap_or_default();
        self.checks.check(legs.len() == 2, "with both parties in it", &merged);
        let leg = legs.iter().find(|leg| leg["id"] == third.connection_id());
        let name = leg.and_then(|leg| leg["name"].as_str()).unwrap_or_default().to_owned();
        let customer = self.customer_shown().await?;
        let wish = json!({ "connectionName": name });
        let mark = self.card.mark();
        let order = self.asks("end_conference_call", &wish, "plugin_ask_drop_party", &name, &customer).await?;
        self.stage.picture("question-end-conference");
        self.is_allowed("end_conference_call", order).await?;
        self.did(third.expect_ended(PATIENCE).await, "that party's line has ended")?;
        let state = call.customer().state();
        self.checks.check(state == "connected", "and the customer's has not", state);
        self.heard(mark, "end_connection", "the page drops the third party", |payload| {
            payload["connectionName"] == name.as_str()
        })
        .await?;
        self.table.message("end_conference_call", "asked, allowed: that line ends, the customer's goes on");
        Ok(())
    }

    /// By the directory's name; then the agent leaves.
    pub(super) async fn handed_to_an_entry(&mut self, call: &SimCall) -> Result<()> {
        self.checks.step("quick_connect: an entry of the directory, and the agent leaves");
        let wish = json!({ "name": BILLING, "message": "About the last invoice." });
        let third = self.hands_over(call, "quick_connect", &wish, (BILLING, BILLING_NUMBER)).await?;
        third.answer()?;
        self.did(third.expect_connected(PATIENCE).await, "the third party answers")?;
        let mark = self.card.mark();
        self.click("conference").await?;
        self.heard(mark, "conference_connections", "merged", about(call)).await?;
        let words = self.say.say("contact_conference", &[])?;
        let merged = self.stage.wait_words("[data-testid='call-state']", &words).await;
        self.checks.require(merged, "the panel shows a conference")?;
        let mark = self.card.mark();
        self.click("leave").await?;
        self.did(call.expect_ended_by_agent(PATIENCE).await, "the agent leaves")?;
        let handed = self.heard(mark, "transfer_call", "the agent leaves, the others talk on", about(call)).await?;
        let to = &handed["destination"]["name"];
        self.checks.check(*to == BILLING, "with whom it was handed to", to);
        let ended = self.heard(mark, "call_ended", "the agent leaves", about(call)).await?;
        self.checks.check(ended["reason"] == "transfer", "with its reason", &ended["reason"]);
        let others = (call.customer().state(), third.state());
        self.checks.check(others == ("connected", "connected"), "the others talk on", format!("{others:?}"));
        self.finished(call, mark).await?;
        call.customer().hang_up()?;
        Ok(())
    }
}

/// Whoever is called beside those known so far.
async fn called(call: &SimCall, known: usize) -> Result<SimParty> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(party) = call.third_parties().into_iter().nth(known) {
            return Ok(party);
        }
        ensure!(Instant::now() < end, "nobody was called");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
