//! One round of the configuration loop: section 7.4. The base, then four lists
//! side by side, each over all its pages. (The vendor's client loses the earlier
//! pages of the list of queues, 7.12.) Pure.

use std::collections::BTreeMap;

use crate::map::AgentConfiguration;
use crate::settings::AmazonConnectSettings;
use crate::wire::{
    self, ConfigurationReply, CountryCodesPage, Malformed, Operation, PermissionsPage, QueuesPage, StatesPage, decode,
};

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// GetAgentPermissions.
    Permissions,
    /// GetAgentStates.
    States,
    /// GetDialableCountryCodes.
    CountryCodes,
    /// GetRoutingProfileQueues.
    Queues,
}

const LISTS: [List; 4] = [List::Permissions, List::States, List::CountryCodes, List::Queues];

/// What a round is at.
#[derive(Debug, Default)]
pub struct Round {
    base: Option<wire::Configuration>,
    permissions: Vec<String>,
    states: Vec<wire::AgentState>,
    country_codes: Vec<String>,
    queues: Vec<wire::Queue>,
    done: BTreeMap<List, bool>,
}

/// A service that never ends a list must not fill the memory.
const MOST_PAGES: usize = 200;

impl Round {
    /// The base arrived: the first page of each list.
    pub fn base(&mut self, body: &[u8], settings: &AmazonConnectSettings) -> Result<Vec<(List, Operation)>, Malformed> {
        let base = decode::<ConfigurationReply>(body)?.configuration;
        let operations =
            LISTS.iter().filter_map(|list| Some((*list, operation(*list, &base, None, settings)?))).collect::<Vec<_>>();
        self.done = LISTS.iter().map(|list| (*list, !operations.iter().any(|(asked, _)| asked == list))).collect();
        self.base = Some(base);
        Ok(operations)
    }

    /// A page arrived: the next page's operation, when there is one.
    pub fn page(
        &mut self,
        list: List,
        body: &[u8],
        settings: &AmazonConnectSettings,
    ) -> Result<Option<Operation>, Malformed> {
        let page_size = settings.page_size.max(1) as usize;
        let (next, held) = match list {
            List::Permissions => {
                let page: PermissionsPage = decode(body)?;
                self.permissions.extend(page.permissions);
                (page.next_token, self.permissions.len())
            }
            List::States => {
                let page: StatesPage = decode(body)?;
                self.states.extend(page.states);
                (page.next_token, self.states.len())
            }
            List::CountryCodes => {
                let page: CountryCodesPage = decode(body)?;
                self.country_codes.extend(page.country_codes);
                (page.next_token, self.country_codes.len())
            }
            List::Queues => {
                let page: QueuesPage = decode(body)?;
                self.queues.extend(page.queues);
                (page.next_token, self.queues.len())
            }
        };
        let next = next.filter(|token| !token.is_empty() && held < MOST_PAGES * page_size);
        match (next, &self.base) {
            (Some(token), Some(base)) => Ok(operation(list, base, Some(token), settings)),
            _ => {
                self.done.insert(list, true);
                Ok(None)
            }
        }
    }

    /// All there: the joined configuration.
    pub fn finished(&mut self) -> Option<AgentConfiguration> {
        if self.done.is_empty() || self.done.values().any(|done| !done) {
            return None;
        }
        Some(AgentConfiguration {
            base: self.base.take()?,
            permissions: std::mem::take(&mut self.permissions),
            states: std::mem::take(&mut self.states),
            country_codes: std::mem::take(&mut self.country_codes),
            queues: std::mem::take(&mut self.queues),
        })
    }
}

fn operation(
    list: List,
    base: &wire::Configuration,
    next_token: Option<String>,
    settings: &AmazonConnectSettings,
) -> Option<Operation> {
    let max_results = settings.page_size;
    Some(match list {
        List::Permissions => Operation::GetAgentPermissions { next_token, max_results },
        List::States => Operation::GetAgentStates { next_token, max_results },
        List::CountryCodes => Operation::GetDialableCountryCodes { next_token, max_results },
        List::Queues => Operation::GetRoutingProfileQueues {
            routing_profile_arn: base.routing_profile.arn.clone()?,
            next_token,
            max_results,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::fixture;

    fn bytes(name: &str) -> Vec<u8> {
        fixture::bytes("amazon-connect", name)
    }

    #[test]
    fn all_pages_of_every_list_are_joined() {
        let settings = AmazonConnectSettings::default();
        let mut round = Round::default();
        let asked = round.base(&bytes("get-agent-configuration.response.json"), &settings).unwrap();
        assert_eq!(asked.len(), 4, "four lists are asked for side by side");
        assert!(
            round.page(List::Permissions, &bytes("get-agent-permissions.response.json"), &settings).unwrap().is_none()
        );
        assert!(round.page(List::States, &bytes("get-agent-states.response.json"), &settings).unwrap().is_none());
        assert!(
            round
                .page(List::CountryCodes, &bytes("get-dialable-country-codes.response.json"), &settings)
                .unwrap()
                .is_none()
        );
        let next = round
            .page(List::Queues, &bytes("get-routing-profile-queues.page1.response.json"), &settings)
            .unwrap()
            .expect("a next page follows");
        assert!(
            matches!(&next, Operation::GetRoutingProfileQueues { next_token: Some(token), .. } if token == "EXAMPLE-PAGE-2"),
            "the token of the first page asks for the second"
        );
        assert!(round.finished().is_none(), "nothing is published before the last page");
        round.page(List::Queues, &bytes("get-routing-profile-queues.page2.response.json"), &settings).unwrap();
        let joined = round.finished().expect("complete");
        assert_eq!(joined.queues.len(), 3, "the first page's queue is not lost, unlike in the vendor's client");
        assert_eq!(joined.states.len(), 4, "states");
        assert_eq!(joined.permissions.len(), 8, "permissions");
    }
}
