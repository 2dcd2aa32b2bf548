//! Names of things among all accounts, as one agent's picture needs them: Amazon
//! Connect's own where they are its, which are unique; behind the account's id
//! otherwise.

use trunkline_desk::{AccountView, ContactView, DeskSnapshot};
use trunkline_model::{AccountId, Connection, ConnectionId, ConnectionKind};

/// Between an account's id and what is named in it.
const BETWEEN: char = '~';
/// A leg that a platform does not tell of, but every contact has here.
pub(super) const OWN_LEG: &str = "agent";
/// Likewise the customer's.
pub(super) const CUSTOMER_LEG: &str = "customer";

/// The account's ids are those of the vendor whose interface this is.
pub(super) fn is_vendors(account: &AccountView) -> bool {
    account.platform.as_str() == "amazon-connect"
}

fn of_account<'a>(desk: &'a DeskSnapshot, id: &AccountId) -> Option<&'a AccountView> {
    desk.accounts.iter().find(|account| account.id == *id)
}

/// Something of one account's, among all.
pub(super) fn outer(account: &AccountView, id: &str) -> String {
    if is_vendors(account) { id.to_owned() } else { format!("{}{BETWEEN}{id}", account.id) }
}

/// What an account calls it; `None`: it is not of this account.
pub(super) fn inner<'a>(account: &AccountView, name: &'a str) -> Option<&'a str> {
    if is_vendors(account) {
        return (!name.is_empty()).then_some(name);
    }
    name.strip_prefix(account.id.as_str())?.strip_prefix(BETWEEN)
}

/// A contact.
pub(super) fn contact_id(desk: &DeskSnapshot, view: &ContactView) -> String {
    let id = view.key.contact.as_str();
    of_account(desk, &view.key.account).map_or_else(|| id.to_owned(), |account| outer(account, id))
}

/// The contact with this name.
pub(super) fn contact<'a>(desk: &'a DeskSnapshot, name: &str) -> Option<&'a ContactView> {
    desk.contacts.iter().find(|view| contact_id(desk, view) == name)
}

/// A leg. Platforms call legs `agent` and `customer` in every contact: pages
/// take a leg's name for one among all.
pub(super) fn leg_id(desk: &DeskSnapshot, view: &ContactView, leg: &str) -> String {
    match of_account(desk, &view.key.account) {
        Some(account) if is_vendors(account) => leg.to_owned(),
        _ => format!("{}{BETWEEN}{leg}", contact_id(desk, view)),
    }
}

/// Which leg of a contact is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// The agent's own.
    Own(Option<Connection>),
    /// The customer's.
    Customer(Option<Connection>),
    /// Another party's.
    Party(ConnectionId),
}

/// The leg with this name; `None`: the contact has none such.
pub(super) fn leg(desk: &DeskSnapshot, view: &ContactView, name: &str) -> Option<Leg> {
    let of = |leg: &str| leg_id(desk, view, leg) == name;
    match view.contact.connections.iter().find(|leg| of(leg.id.as_str())) {
        Some(leg) => Some(match leg.kind {
            ConnectionKind::Agent | ConnectionKind::Monitoring => Leg::Own(Some(leg.clone())),
            ConnectionKind::Initial => Leg::Customer(Some(leg.clone())),
            ConnectionKind::ThirdParty | ConnectionKind::Unknown(_) => Leg::Party(leg.id.clone()),
        }),
        None if of(OWN_LEG) => Some(Leg::Own(None)),
        None if of(CUSTOMER_LEG) => Some(Leg::Customer(None)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testing::{account, contact as on, desk};
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        let accounts = vec![account("a1", "amazon-connect"), account("a2", "twin24")];
        let contacts = vec![on("a1", "c-1", "voice"), on("a2", "c-1", "chat")];
        let desk = desk(accounts, contacts);
        let names: Vec<String> = desk.contacts.iter().map(|view| contact_id(&desk, view)).collect();
        assert_eq!(names, ["c-1", "a2~c-1"], "the vendor's own, and behind the account");
        for (name, view) in names.iter().zip(&desk.contacts) {
            assert_eq!(contact(&desk, name), Some(view), "{name} leads back");
        }
        let chat = &desk.contacts[1];
        let own = leg_id(&desk, chat, "agent");
        assert_eq!(own, "a2~c-1~agent", "unique among all contacts");
        assert!(matches!(leg(&desk, chat, &own), Some(Leg::Own(Some(_)))), "the agent's leg");
        assert!(
            matches!(leg(&desk, chat, "a2~c-1~customer"), Some(Leg::Customer(Some(_)))),
            "the customer's, as it is told"
        );
        assert_eq!(leg(&desk, chat, "a2~c-2~agent"), None, "another contact's");
        assert_eq!(inner(&desk.accounts[1], "a2~queue~7"), Some("queue~7"), "the platform's own may hold the mark");
        assert_eq!(inner(&desk.accounts[1], "a3~queue"), None, "another account's");
    }
}
