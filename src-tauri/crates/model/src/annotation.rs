//! What was put onto a contact here, and what its platform does not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Attribute, Contact};

/// What a plugin knows of a customer. Text from outside; absent: not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerNote {
    /// In the customer file that the plugin reads.
    #[serde(default)]
    pub id: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Number.
    #[serde(default)]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
}

/// What was put onto one contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Annotations {
    /// Attributes by name.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The customer.
    #[serde(default)]
    pub customer: CustomerNote,
}

impl CustomerNote {
    /// Takes what the newer one knows.
    pub fn add(&mut self, newer: &Self) {
        for (mine, theirs) in [
            (&mut self.id, &newer.id),
            (&mut self.name, &newer.name),
            (&mut self.phone, &newer.phone),
            (&mut self.email, &newer.email),
        ] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
    }
}

impl Annotations {
    /// Takes what is newer.
    pub fn add(&mut self, newer: Self) {
        self.attributes.extend(newer.attributes);
        self.customer.add(&newer.customer);
    }

    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The contact with this on it: attributes in their order, the customer's
    /// name in the place of the platform's, the number where it has none.
    pub fn put_onto(&self, contact: &mut Contact) {
        for (name, value) in &self.attributes {
            if let Some(known) = contact.attributes.iter_mut().find(|known| known.name == *name) {
                known.value.clone_from(value);
                continue;
            }
            let at = contact.attributes.partition_point(|known| known.name < *name);
            contact.attributes.insert(at, Attribute { name: name.clone(), value: value.clone() });
        }
        if let Some(name) = &self.customer.name {
            contact.customer.name = Some(name.clone());
        }
        if contact.customer.address.is_none() {
            contact.customer.address = self.customer.phone.clone().or_else(|| self.customer.email.clone());
        }
    }
}
