//! The platform's directory as the panel pages through it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use trunkline_connector::EndpointList;
use trunkline_model::{AccountId, Endpoint, EndpointId};
use trunkline_rpc::schema::EndpointPage;

/// Entries a page.
pub(crate) const PAGE: usize = 100;

/// Names of entries that were shown, so that a call to one can be named while
/// it is on its way.
#[derive(Debug, Default)]
pub(crate) struct EndpointNames(Mutex<BTreeMap<AccountId, BTreeMap<EndpointId, String>>>);

impl EndpointNames {
    pub(crate) fn keep(&self, account: &AccountId, items: &[Endpoint]) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.entry(account.clone()).or_default();
        for endpoint in items {
            known.insert(endpoint.id.clone(), endpoint.name.clone());
        }
    }

    pub(crate) fn name(&self, account: &AccountId, id: &EndpointId) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account)?.get(id).cloned()
    }
}

/// One page of what was asked for, sorted by name. `after` is the `next` of the
/// page before: the id of its last entry. An entry that has gone meanwhile
/// begins the list again rather than ending it.
pub(crate) fn page(list: EndpointList, search: &str, after: Option<&str>) -> EndpointPage {
    let wanted = search.trim().to_lowercase();
    let number: String = wanted.chars().filter(char::is_ascii_digit).collect();
    // Digits with the blanks, brackets and hyphens of a number are looked for in numbers.
    let is_number = !number.is_empty() && !wanted.chars().any(char::is_alphabetic);
    let mut found: Vec<(String, Endpoint)> = list
        .items
        .into_iter()
        .map(|endpoint| (endpoint.name.to_lowercase(), endpoint))
        .filter(|(name, endpoint)| {
            let digits = || endpoint.number.iter().flat_map(|number| number.chars()).filter(char::is_ascii_digit);
            name.contains(&wanted) || (is_number && digits().collect::<String>().contains(&number))
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| (a, &one.id).cmp(&(b, &other.id)));
    let start = after
        .and_then(|after| found.iter().position(|(_, endpoint)| endpoint.id.as_str() == after))
        .map_or(0, |last| last + 1);
    let more = found.len() > start + PAGE;
    let items: Vec<Endpoint> = found.into_iter().skip(start).take(PAGE).map(|(_, endpoint)| endpoint).collect();
    let next = items.last().filter(|_| more).map(|endpoint| endpoint.id.as_str().to_owned());
    EndpointPage { items, next, complete: list.complete }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::EndpointKind;

    fn list(names: impl IntoIterator<Item = (&'static str, Option<&'static str>)>) -> EndpointList {
        let items = names.into_iter().enumerate().map(|(index, (name, number))| Endpoint {
            id: EndpointId::new(format!("id-{index}")),
            name: name.to_owned(),
            kind: EndpointKind::Agent,
            number: number.map(str::to_owned),
        });
        EndpointList { items: items.collect(), complete: true }
    }

    fn names(page: &EndpointPage) -> Vec<&str> {
        page.items.iter().map(|endpoint| endpoint.name.as_str()).collect()
    }

    #[test]
    fn searches_names_and_numbers() {
        let all = || list([("Second line", None), ("billing", Some("+49 (30) 555-0100")), ("Ärztin", None)]);
        assert_eq!(names(&page(all(), "", None)), ["billing", "Second line", "Ärztin"], "no search: all, by name");
        assert_eq!(names(&page(all(), " SECOND ", None)), ["Second line"], "case and blanks do not matter");
        assert_eq!(names(&page(all(), "ÄRZT", None)), ["Ärztin"], "nor do they beyond ASCII");
        assert_eq!(names(&page(all(), "30 5550", None)), ["billing"], "a number however it is written");
        assert_eq!(names(&page(all(), "line 5", None)), Vec::<&str>::new(), "words with a digit are words");
        let partial = EndpointList { complete: false, ..all() };
        assert!(!page(partial, "", None).complete, "a list read in part says so");
    }

    #[test]
    fn pages_hold_each_entry_once() {
        let many = || {
            let mut all = list([]);
            for index in 0..250 {
                // One name for all: the id must decide.
                all.items.push(Endpoint {
                    id: EndpointId::new(format!("id-{index:03}")),
                    name: "Same".to_owned(),
                    kind: EndpointKind::Queue,
                    number: None,
                });
            }
            all
        };
        let (mut after, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let page = page(many(), "", after.as_deref());
            seen.extend(page.items.into_iter().map(|endpoint| endpoint.id));
            after = page.next;
        }
        assert_eq!(after, None, "the third page is the last");
        assert_eq!(seen.len(), 250, "all are there");
        seen.dedup();
        assert_eq!(seen.len(), 250, "and none twice");
        assert_eq!(page(many(), "", Some("id-gone")).items.len(), PAGE, "a lost place begins again");
    }
}
