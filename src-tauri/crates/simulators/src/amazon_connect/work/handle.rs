//! What the handle of the simulator can do with tasks and e-mails.

use std::sync::Arc;
use std::time::Duration;

use super::contact::{OfferEmail, OfferTask, Work, WorkFacts, WorkOffer};
use crate::Moment;
use crate::amazon_connect::call::{Initiation, lock};
use crate::amazon_connect::error::SimError;
use crate::amazon_connect::facts;
use crate::amazon_connect::handle::AmazonConnectSim;
use crate::amazon_connect::shared::Shared;

impl AmazonConnectSim {
    /// A task for an agent; the contact is in the next snapshot.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the agent is not routable or has the full
    /// number of tasks, unless `force` is set.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn offer_task(&self, offer: OfferTask) -> Result<SimWork, SimError> {
        self.offer_work(WorkOffer::Task(offer), Initiation::Api)
    }

    /// An e-mail for an agent; the contact is in the next snapshot.
    ///
    /// # Errors
    /// As [`Self::offer_task`].
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn offer_email(&self, offer: OfferEmail) -> Result<SimWork, SimError> {
        self.offer_work(WorkOffer::Email(offer), Initiation::Inbound)
    }

    fn offer_work(&self, offer: WorkOffer, initiation: Initiation) -> Result<SimWork, SimError> {
        if lock(&self.shared.world).agent(offer.agent()).is_none() {
            return Err(SimError::UnknownAgent(offer.agent().to_owned()));
        }
        let work = Work::new(&uuid::Uuid::new_v4().to_string(), offer, initiation);
        work.claim();
        self.shared.act(|world| world.offer_work(&work)).map_err(SimError::from)?;
        Ok(self.sim_work(work))
    }

    /// Every task and e-mail that an agent has had so far, oldest first.
    #[must_use]
    pub fn works(&self) -> Vec<SimWork> {
        let works = self.shared.works.borrow().clone();
        works.into_iter().map(|w| self.sim_work(w)).collect()
    }

    fn sim_work(&self, work: Arc<Work>) -> SimWork {
        SimWork { work, shared: self.shared.clone() }
    }

    /// Waits for the next task or e-mail of an agent that the handle did not
    /// offer: one that an agent made or transferred, from the first not yet
    /// returned by this function.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn expect_work(&self, agent: &str, timeout: Duration) -> Result<SimWork, SimError> {
        let mut works = self.shared.works.subscribe();
        let found = |all: &Vec<Arc<Work>>| all.iter().find(|w| w.agent() == agent && w.claim()).cloned();
        let wait = async {
            loop {
                let next = found(&works.borrow_and_update());
                if let Some(work) = next {
                    return Some(work);
                }
                works.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(timeout, wait).await {
            Ok(Some(work)) => Ok(self.sim_work(work)),
            _ => Err(SimError::Expected {
                what: "a task or an e-mail from somebody else".to_owned(),
                waited: timeout,
                seen: format!("{} contacts", self.shared.works.borrow().len()),
            }),
        }
    }
}

/// One task or e-mail of an agent. After a transfer each agent has a contact,
/// and so a handle, of its own.
#[derive(Clone)]
pub struct SimWork {
    work: Arc<Work>,
    shared: Arc<Shared>,
}

impl SimWork {
    /// The contact id of the snapshot.
    #[must_use]
    pub fn contact_id(&self) -> &str {
        &self.work.contact_id
    }

    /// The first contact of the chain.
    #[must_use]
    pub fn initial_contact_id(&self) -> &str {
        &self.work.initial_contact_id
    }

    /// The agent's connection id.
    #[must_use]
    pub fn agent_connection_id(&self) -> &str {
        &self.work.agent_connection
    }

    /// What it was offered or made with, when it is a task.
    #[must_use]
    pub fn task(&self) -> Option<&OfferTask> {
        match &self.work.offer {
            WorkOffer::Task(task) => Some(task),
            WorkOffer::Email(_) => None,
        }
    }

    /// Everything that has happened to it so far.
    #[must_use]
    pub fn facts(&self) -> WorkFacts {
        self.work.facts.borrow().clone()
    }

    /// Waits for a fact.
    ///
    /// # Errors
    /// [`SimError::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        timeout: Duration,
        fact: impl Fn(&WorkFacts) -> Option<T>,
    ) -> Result<T, SimError> {
        facts::expect(&self.work.facts, what, timeout, fact).await
    }

    /// The agent accepts, or the service for them.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_accepted(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("it to be accepted", timeout, |f| f.accepted).await
    }

    /// The agent rejects.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_rejected(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("it to be rejected", timeout, |f| f.rejected).await
    }

    /// The ring time runs out.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_missed(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("it to be missed", timeout, |f| f.missed).await
    }

    /// The agent ends it.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_ended(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("it to be ended", timeout, |f| f.ended).await
    }

    /// The agent transfers it, and it was possible.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_transferred(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("it to be transferred", timeout, |f| f.transferred).await
    }

    /// The finished contact is cleared.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_cleared(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the contact to be cleared", timeout, |f| f.cleared).await
    }

    /// The service warns that a task is about to expire.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] for an e-mail, and when it is over.
    pub fn warn_of_expiry(&self) -> Result<(), SimError> {
        self.shared.act(|world| world.warn_of_expiry(&self.work)).map_err(SimError::from)
    }

    /// A task expires.
    ///
    /// # Errors
    /// As [`Self::warn_of_expiry`].
    pub fn expire(&self) -> Result<(), SimError> {
        self.shared.act(|world| world.expire_work(&self.work)).map_err(SimError::from)
    }
}
