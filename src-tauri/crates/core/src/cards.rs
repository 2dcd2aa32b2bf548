//! Places and people to reach, as the agent fills them in, checked before they are
//! sent.

use trunkline_model::{Attribute, ContactCard, Place};
use trunkline_rpc::RpcError;

use crate::rpc_error;

/// People in one message.
const MOST: usize = 10;
/// Longest member, characters.
const LONGEST: usize = 500;

/// The place with degrees as numbers are written.
pub(crate) fn place(typed: Place) -> Result<Place, RpcError> {
    Ok(Place {
        latitude: degrees(&typed.latitude, 90.0, "latitude")?,
        longitude: degrees(&typed.longitude, 180.0, "longitude")?,
        name: optional(typed.name, "name")?,
        address: optional(typed.address, "address")?,
    })
}

/// A comma is the decimal sign of many languages.
fn degrees(typed: &str, most: f64, field: &str) -> Result<String, RpcError> {
    let text = typed.trim().trim_end_matches('\u{b0}').trim_end().replace(',', ".");
    let decimal = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    match text.parse::<f64>() {
        Ok(value) if decimal && value.abs() <= most => Ok(text),
        _ => Err(rpc_error::field(field, "error_degrees")),
    }
}

fn line(typed: &str, field: &str) -> Result<String, RpcError> {
    let text = typed.trim();
    if text.chars().count() > LONGEST {
        return Err(rpc_error::field(field, "error_too_long"));
    }
    Ok(text.to_owned())
}

fn optional(typed: Option<String>, field: &str) -> Result<Option<String>, RpcError> {
    let text = line(&typed.unwrap_or_default(), field)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// At least one of them, each with a name and a way to reach them.
pub(crate) fn cards(typed: Vec<ContactCard>) -> Result<Vec<ContactCard>, RpcError> {
    if typed.is_empty() {
        return Err(rpc_error::field("cards", "error_field_missing"));
    }
    if typed.len() > MOST {
        return Err(rpc_error::field("cards", "error_too_many"));
    }
    typed.into_iter().map(card).collect()
}

fn card(typed: ContactCard) -> Result<ContactCard, RpcError> {
    let name = line(&typed.name, "name")?;
    if name.is_empty() {
        return Err(rpc_error::field("name", "error_field_missing"));
    }
    let mut phones = Vec::new();
    for phone in typed.phones {
        let phone = line(&phone, "phones")?;
        if phone.is_empty() {
            continue;
        }
        if !phone.chars().any(|c| c.is_ascii_digit()) {
            return Err(rpc_error::field("phones", "error_number_invalid"));
        }
        phones.push(phone);
    }
    let mut more = Vec::new();
    for Attribute { name, value } in typed.more {
        let (name, value) = (line(&name, "more")?, line(&value, "more")?);
        if !name.is_empty() && !value.is_empty() {
            more.push(Attribute { name, value });
        }
    }
    if phones.is_empty() && more.is_empty() {
        return Err(rpc_error::field("phones", "error_field_missing"));
    }
    Ok(ContactCard { name, phones, more })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(latitude: &str, longitude: &str) -> Place {
        Place { latitude: latitude.to_owned(), longitude: longitude.to_owned(), ..Place::default() }
    }

    #[test]
    fn degrees_are_read_as_people_write_them_and_only_where_there_are_such() {
        let read = place(at(" 52,5200\u{b0} ", "-13.405")).unwrap();
        assert_eq!((read.latitude.as_str(), read.longitude.as_str()), ("52.5200", "-13.405"));
        for (latitude, longitude, field) in [
            ("", "1", "latitude"),
            ("90.1", "1", "latitude"),
            ("nan", "1", "latitude"),
            ("1e1", "1", "latitude"),
            ("1", "180.5", "longitude"),
            ("1", "inf", "longitude"),
            ("1", "52 13", "longitude"),
        ] {
            let error = place(at(latitude, longitude)).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{latitude} {longitude}");
        }
        let named = Place { name: Some("  ".to_owned()), address: Some(" Main St ".to_owned()), ..at("1", "2") };
        let read = place(named).unwrap();
        assert_eq!((read.name, read.address.as_deref()), (None, Some("Main St")));
    }

    #[test]
    fn people_have_a_name_and_a_way_to_reach_them() {
        let person = |name: &str, phones: &[&str]| ContactCard {
            name: name.to_owned(),
            phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
            more: Vec::new(),
        };
        let read = cards(vec![person(" Ana ", &["", " +49 30 1 "])]).unwrap();
        assert_eq!((read[0].name.as_str(), read[0].phones.len()), ("Ana", 1));
        let mail = Attribute { name: "e-mail".to_owned(), value: "a@b.example".to_owned() };
        assert!(cards(vec![ContactCard { more: vec![mail], ..person("Ana", &[]) }]).is_ok());
        for (wrong, field) in [
            (vec![], "cards"),
            (vec![person("A", &["1"]); 11], "cards"),
            (vec![person(" ", &["1"])], "name"),
            (vec![person("A", &[" "])], "phones"),
            (vec![person("A", &["call me"])], "phones"),
            (vec![person(&"x".repeat(501), &["1"])], "name"),
        ] {
            assert_eq!(cards(wrong).unwrap_err().field.as_deref(), Some(field));
        }
    }
}
