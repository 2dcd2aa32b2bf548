//! The handle of one party of a call: the customer, or a third party.

use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, EndedBy};
use super::error::SimError;
use super::facts;
use super::member::{Member, PartyFacts};
use super::options::Speech;
use super::recording::Recording;
use super::shared::{BUSY, NOT_REACHED, Shared};
use crate::Moment;

/// One party of a call, with its ears and mouth. Cheap to clone.
#[derive(Clone)]
pub struct SimParty {
    pub(crate) call: Arc<Call>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) member: Arc<Member>,
    pub(crate) connection: String,
    pub(crate) is_customer: bool,
}

impl SimParty {
    /// The connection id in the snapshot of the agent who called the party.
    #[must_use]
    pub fn connection_id(&self) -> &str {
        &self.connection
    }

    /// Everything that has happened to the party so far.
    #[must_use]
    pub fn facts(&self) -> PartyFacts {
        self.member.facts.borrow().clone()
    }

    /// True when the party is another agent with a client of its own; such a
    /// party speaks and acts through that client only.
    #[must_use]
    pub fn is_agent(&self) -> bool {
        self.member.is_client()
    }

    /// The connection's state in the snapshot, or `disconnected`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        let world = super::call::lock(&self.shared.world);
        world.connection_of(&self.member).map_or("disconnected", |p| p.record.state)
    }

    /// The ringing party answers now, whatever was scripted.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when it does not ring, and for a party that is
    /// an agent.
    pub fn answer(&self) -> Result<(), SimError> {
        self.not_an_agent()?;
        self.shared
            .act(|world| {
                if self.is_customer { world.dialled_answers(&self.call) } else { world.party_answers(&self.connection) }
            })
            .map_err(SimError::from)
    }

    /// The ringing party turns out to be busy.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn busy(&self) -> Result<(), SimError> {
        self.fail(BUSY)
    }

    /// The ringing party declines.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn decline(&self) -> Result<(), SimError> {
        self.fail(NOT_REACHED)
    }

    /// The service stops ringing a party who does not answer.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn no_answer(&self) -> Result<(), SimError> {
        self.fail(NOT_REACHED)
    }

    fn fail(&self, agent_state: &str) -> Result<(), SimError> {
        self.not_an_agent()?;
        self.shared
            .act(|world| {
                if self.is_customer {
                    world.dialled_fails(&self.call, agent_state)
                } else {
                    world.party_fails(&self.connection)
                }
            })
            .map_err(SimError::from)
    }

    fn not_an_agent(&self) -> Result<(), SimError> {
        if self.is_agent() {
            let text = "this party is an agent: its own client answers";
            return Err(SimError::NotPossible(text.to_owned()));
        }
        Ok(())
    }

    /// The party hangs up; the others go on as long as two are left.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when it has gone already.
    pub fn hang_up(&self) -> Result<(), SimError> {
        let by = if self.is_customer { EndedBy::Customer } else { EndedBy::ThirdParty };
        self.shared.act(|world| world.party_hangs_up(&self.member, by)).map_err(SimError::from)
    }

    /// The party says these samples (48 kHz mono, -1 to 1) once, instead of
    /// anything else. Speech stands still while the party is on hold.
    pub fn say(&self, samples: Vec<f32>) {
        self.say_speech(Speech::Once(samples));
    }

    /// The party changes to that speech, from its beginning.
    pub fn say_speech(&self, speech: Speech) {
        self.member.say(speech);
    }

    /// What the party has heard of everybody else: 48 kHz mono on the clock,
    /// silence while it was not connected, on hold, or others were not to be
    /// heard. Packets are those of the first agent's client.
    #[must_use]
    pub fn heard(&self) -> Recording {
        self.call.room.heard_by(&self.member)
    }

    /// What the party has said, aligned to when it was sent. For an agent,
    /// what its client sent.
    #[must_use]
    pub fn spoken(&self) -> Recording {
        self.member.sound()
    }

    /// Waits for a fact.
    ///
    /// # Errors
    /// [`SimError::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        timeout: Duration,
        fact: impl Fn(&PartyFacts) -> Option<T>,
    ) -> Result<T, SimError> {
        facts::expect(&self.member.facts, what, timeout, fact).await
    }

    /// The party has answered.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_connected(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the party to be connected", timeout, |f| f.connected).await
    }

    /// The party is on hold.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_hold(&self, timeout: Duration) -> Result<Moment, SimError> {
        let held = |f: &PartyFacts| f.is_on_hold().then(|| f.holds.last().copied())?;
        self.expect("the party to be put on hold", timeout, held).await
    }

    /// The party has been on hold and is not any more.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_resumed(&self, timeout: Duration) -> Result<Moment, SimError> {
        let back = |f: &PartyFacts| (!f.is_on_hold()).then(|| f.resumes.last().copied())?;
        self.expect("the party to be taken from hold", timeout, back).await
    }

    /// All digits sent to the party so far are exactly these.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_digits(&self, digits: &str, timeout: Duration) -> Result<(), SimError> {
        let same = |f: &PartyFacts| (f.digits == digits).then_some(());
        self.expect(&format!("the digits {digits:?}"), timeout, same).await
    }

    /// The party is gone.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_ended(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the party to be gone", timeout, |f| f.ended).await
    }
}
