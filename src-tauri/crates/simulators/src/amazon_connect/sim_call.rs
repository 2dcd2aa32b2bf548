//! The handle of one call.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::call::{Call, CallFacts, EndedBy, lock};
use super::error::SimError;
use super::facts;
use super::options::{OfferCall, Speech};
use super::recording::Recording;
use super::shared::Shared;
use super::signalling;
use super::sim_party::SimParty;
use crate::Moment;

/// One call of an agent, inbound, outbound or transferred, with the customer's
/// ears and mouth.
#[derive(Clone)]
pub struct SimCall {
    pub(crate) call: Arc<Call>,
    pub(crate) shared: Arc<Shared>,
}

impl SimCall {
    /// The contact id of the snapshot.
    #[must_use]
    pub fn contact_id(&self) -> &str {
        &self.call.contact_id
    }

    /// The first contact of a chain of transfers; else the contact id.
    #[must_use]
    pub fn initial_contact_id(&self) -> &str {
        &self.call.initial_contact_id
    }

    /// The agent whose contact it is, by login.
    #[must_use]
    pub fn agent(&self) -> &str {
        &self.call.agent
    }

    /// The customer as a party.
    #[must_use]
    pub fn customer(&self) -> SimParty {
        SimParty {
            call: self.call.clone(),
            shared: self.shared.clone(),
            member: self.call.customer.clone(),
            connection: self.call.customer_connection.clone(),
            is_customer: true,
        }
    }

    /// Third parties that this agent has called, in that order, also those who
    /// are gone. One that waits in a queue is told when an agent is asked.
    #[must_use]
    pub fn third_parties(&self) -> Vec<SimParty> {
        let all = self.call.third_parties.borrow().clone();
        all.into_iter()
            .map(|(connection, member)| SimParty {
                call: self.call.clone(),
                shared: self.shared.clone(),
                member,
                connection,
                is_customer: false,
            })
            .collect()
    }

    /// Waits for the next third party, from the first not yet returned by this
    /// function.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none is called in time.
    pub async fn expect_third_party(&self, timeout: Duration) -> Result<SimParty, SimError> {
        let taken = self.call.third_parties_taken.fetch_add(1, Ordering::SeqCst);
        let mut called = self.call.third_parties.subscribe();
        let enough = called.wait_for(|all| all.len() > taken);
        let in_time = tokio::time::timeout(timeout, enough).await.is_ok();
        let found = self.third_parties().into_iter().nth(taken);
        found.filter(|_| in_time).ok_or_else(|| {
            self.call.third_parties_taken.fetch_sub(1, Ordering::SeqCst);
            facts::not_seen(&self.call.facts, "a third party to be called", timeout)
        })
    }

    /// The dialled customer answers now, whatever was scripted.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the customer's telephone does not ring.
    pub fn answer(&self) -> Result<(), SimError> {
        self.customer().answer()
    }

    /// The dialled customer is busy: agent state LineEngagedCustomer.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn busy(&self) -> Result<(), SimError> {
        self.customer().busy()
    }

    /// The dialled customer does not answer: agent state
    /// FailedConnectCustomer.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn no_answer(&self) -> Result<(), SimError> {
        self.customer().no_answer()
    }

    /// The agent's own connection id.
    #[must_use]
    pub fn agent_connection_id(&self) -> &str {
        &self.call.agent_connection
    }

    /// The customer's connection id.
    #[must_use]
    pub fn customer_connection_id(&self) -> &str {
        &self.call.customer_connection
    }

    /// What it was offered with.
    #[must_use]
    pub fn offer(&self) -> &OfferCall {
        &self.call.offer
    }

    /// Everything that has happened so far.
    #[must_use]
    pub fn facts(&self) -> CallFacts {
        self.call.facts.borrow().clone()
    }

    /// When the first snapshot carrying it was handed to the socket.
    #[must_use]
    pub fn offered_at(&self) -> Option<Moment> {
        self.call.facts.borrow().offered
    }

    /// When AcceptContact arrived.
    #[must_use]
    pub fn accepted_at(&self) -> Option<Moment> {
        self.call.facts.borrow().accepted
    }

    /// Waits for a fact.
    ///
    /// # Errors
    /// [`SimError::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        timeout: Duration,
        fact: impl Fn(&CallFacts) -> Option<T>,
    ) -> Result<T, SimError> {
        facts::expect(&self.call.facts, what, timeout, fact).await
    }

    /// The snapshot with the call has been sent.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_offered(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the call to be offered", timeout, |f| f.offered).await
    }

    /// The agent accepts.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_accepted(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the call to be accepted", timeout, |f| f.accepted).await
    }

    /// The agent rejects.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_rejected(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the call to be rejected", timeout, |f| f.rejected).await
    }

    /// The ring time runs out.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_missed(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the call to be missed", timeout, |f| f.missed).await
    }

    /// The customer is on hold.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_hold(&self, timeout: Duration) -> Result<Moment, SimError> {
        let held = |f: &CallFacts| f.is_on_hold().then(|| f.holds.last().copied())?;
        self.expect("the customer to be put on hold", timeout, held).await
    }

    /// The customer has been on hold and is not any more.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_resumed(&self, timeout: Duration) -> Result<Moment, SimError> {
        let back = |f: &CallFacts| (!f.is_on_hold()).then(|| f.resumes.last().copied())?;
        self.expect("the customer to be taken from hold", timeout, back).await
    }

    /// All digits received so far are exactly these.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_digits(&self, digits: &str, timeout: Duration) -> Result<(), SimError> {
        let same = |f: &CallFacts| (f.digits == digits).then_some(());
        self.expect(&format!("the digits {digits:?}"), timeout, same).await
    }

    /// The agent ends the connected call.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_ended_by_agent(&self, timeout: Duration) -> Result<Moment, SimError> {
        let ended = |f: &CallFacts| match f.ended {
            Some((EndedBy::Agent, at)) => Some(at),
            _ => None,
        };
        self.expect("the agent to end the call", timeout, ended).await
    }

    /// The finished contact is cleared.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_cleared(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the contact to be cleared", timeout, |f| f.cleared).await
    }

    /// The service takes the agent's media for connected: for clients without
    /// media. A dialling leg is connected; with auto-accept the call is taken.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the contact is gone.
    pub fn media_comes_up(&self) -> Result<(), SimError> {
        self.shared.act(|world| world.media_connected(&self.call)).map_err(SimError::from)
    }

    /// ICE and DTLS with the agent's endpoint are up.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn wait_media_connected(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("media to connect", timeout, |f| f.media_connected).await
    }

    /// Waits until the customer hears something louder than `level` at or
    /// after `from`. Looks every 5 ms.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_heard(&self, from: Moment, level: f32, timeout: Duration) -> Result<Moment, SimError> {
        let wait = async {
            loop {
                if let Some(at) = lock(&self.call.recorder).first_heard(from, level) {
                    return at;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let heard = tokio::time::timeout(timeout, wait).await;
        heard.map_err(|_| facts::not_seen(&self.call.facts, "the customer to hear the agent", timeout))
    }

    /// The agent lifts the receiver of a desk phone.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when it does not ring, or rings in the softphone.
    pub fn answer_at_desk_phone(&self) -> Result<(), SimError> {
        let softphone = lock(&self.shared.world).agent(&self.call.agent).is_some_and(|a| a.softphone_enabled);
        if softphone {
            return Err(SimError::NotPossible("the agent has a softphone".to_owned()));
        }
        self.shared.act(|world| world.accept(&self.call.agent, &self.call.contact_id)).map_err(SimError::from)
    }

    /// The customer hangs up, ringing or connected.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the call has ended already.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn customer_hangs_up(&self) -> Result<(), SimError> {
        self.shared.act(|world| world.customer_hangs_up(&self.call)).map_err(SimError::from)
    }

    /// The customer says these 48 kHz samples once, instead of anything else.
    pub fn say(&self, samples: Vec<f32>) {
        self.say_speech(Speech::Once(samples));
    }

    /// The customer changes to that speech, from its beginning.
    pub fn say_speech(&self, speech: Speech) {
        self.call.customer.say(speech);
    }

    /// Everything the peer has received from the agent.
    #[must_use]
    pub fn heard(&self) -> Recording {
        self.call.recording()
    }

    /// What the customer has heard: the agent, with silence before accept, on
    /// hold and while muted by the service, and third parties in a conference.
    #[must_use]
    pub fn heard_by_customer(&self) -> Recording {
        self.call.room.heard_by(&self.call.customer)
    }

    /// The same for any party of the call; see [`SimParty::heard`].
    #[must_use]
    pub fn heard_by(&self, party: &SimParty) -> Recording {
        self.call.room.heard_by(&party.member)
    }

    /// What the customer has said, aligned to when it was sent.
    #[must_use]
    pub fn spoken(&self) -> Recording {
        self.call.customer.sound()
    }

    /// The server ends the peer connection by PCBye.
    pub fn peer_connection_bye(&self) {
        signalling::peer_connection_bye(&self.shared, &self.call);
    }

    /// The server says bye on the signalling although the contact goes on.
    pub fn server_bye(&self) {
        signalling::server_bye(&self.shared, &self.call);
    }

    /// The peer vanishes without a word, as a crashed media server would.
    pub fn kill_peer(&self) {
        self.call.kill_peer();
    }

    /// True while the peer's endpoint runs.
    #[must_use]
    pub fn has_live_peer(&self) -> bool {
        self.call.has_live_peer()
    }
}
