//! What a script does about pull lists.

use std::time::Duration;

use serde_json::json;

use super::error::ExpertflowError;
use super::options::CustomerOffer;
use super::sim::ExpertflowSim;
use super::sim_chat::SimChat;
use super::world::new_id;

/// A request in a pull list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullView {
    /// Id of the request.
    pub id: String,
    /// Id of its list.
    pub list: String,
    /// Id of its conversation.
    pub conversation: String,
    /// `CREATED`, `JOINED` or `closing`.
    pub status: String,
    /// Since when it waits, in milliseconds since 1970 by the server's clock.
    pub time: i64,
}

impl ExpertflowSim {
    /// A customer waits in a pull list, by its name or id, until an agent takes the request.
    ///
    /// # Errors
    /// [`ExpertflowError::Unknown`] for a list or channel type.
    pub fn customer_waits_in(&self, list: &str, offer: CustomerOffer) -> Result<SimChat, ExpertflowError> {
        let known = self.hub().read(|world| world.list_id(list));
        let known = known.ok_or_else(|| ExpertflowError::Unknown("list", list.to_owned()))?;
        let channel_type = offer.channel_type.clone();
        let id = self.hub().act(|world| {
            let id = world.open_conversation(offer, "INBOUND")?;
            world.add_pull(&known, &id)?;
            Some(id)
        });
        let id = id.ok_or(ExpertflowError::Unknown("channel type", channel_type))?;
        Ok(SimChat::new(self.clone(), id))
    }

    /// All requests that a list, by its name or id, has had, the oldest first.
    #[must_use]
    pub fn pull_requests(&self, list: &str) -> Vec<PullView> {
        self.hub().read(|world| {
            let wanted = world.list_id(list).unwrap_or_default();
            let rows = world.pulls.iter().filter(|request| request.list == wanted);
            rows.map(|request| PullView {
                id: request.id.clone(),
                list: request.list.clone(),
                conversation: request.conversation.clone(),
                status: request.status.to_owned(),
                time: request.time,
            })
            .collect()
        })
    }
}

impl SimChat {
    /// The request in a pull list through which the customer waits, none for a chat of a queue.
    #[must_use]
    pub fn pull_request(&self) -> Option<PullView> {
        let lists: Vec<String> = self.sim().options().pull_lists.iter().map(|list| list.id.clone()).collect();
        lists.iter().flat_map(|list| self.sim().pull_requests(list)).find(|view| view.conversation == self.id())
    }

    /// An agent takes the request as their own client would; one who is not subscribed to the list is from now on.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`]; [`ExpertflowError::NotPossible`] when the agent is not logged in, there is
    /// no request, or it cannot be taken.
    pub fn colleague_takes(&self, agent: &str) -> Result<(), ExpertflowError> {
        let id = self.sim().agent_id(agent)?;
        let impossible = || ExpertflowError::NotPossible("the request cannot be taken".to_owned());
        let view = self.pull_request().ok_or_else(impossible)?;
        let taken = self.sim().hub().act(|world| {
            let request = world.pulls.iter().find(|request| request.id == view.id)?;
            if world.not_for(&id, request).is_some() {
                return None;
            }
            let one = world.agents.get_mut(&id).filter(|one| one.logged_in)?;
            one.lists.insert(view.list.clone());
            let session = world.conversations.get(self.id())?.session()?.value.clone();
            let body = json!({
                "topicParticipant": { "id": new_id(), "conversationId": self.id() }, "agentId": id,
                "channelSession": session, "requestId": view.id,
            });
            world.join_pull(&id, &body);
            world.conversations.get(self.id())?.participant(&id).map(|_| ())
        });
        taken.ok_or_else(impossible)
    }

    /// Waits for a status of the request.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] with what has happened instead.
    pub async fn expect_pull_status(&self, status: &str, within: Duration) -> Result<(), ExpertflowError> {
        let found = tokio::time::timeout(
            within,
            self.sim().hub().until(|_| self.pull_request().filter(|view| view.status == status)),
        );
        found.await.map_err(|_| ExpertflowError::Expected {
            what: format!("the request to be {status}"),
            waited: within,
            seen: format!("{:?}", self.facts().pulls),
        })?;
        Ok(())
    }
}
