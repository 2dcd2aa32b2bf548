//! Who is online: one entry a device, keyed by its reference (section 5).

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use trunkline_model::{RosterEntry, UnixMillis};
use trunkline_wire::phoenix::Entry;

/// From the Presence of the administrators' topic.
pub fn from_presence(list: &BTreeMap<String, Entry>) -> Vec<RosterEntry> {
    let rows = list.iter().flat_map(|(key, entry)| {
        entry.metas.iter().enumerate().map(move |(number, meta)| {
            let reference = text(meta, &["phx_ref", "ref"]).unwrap_or_else(|| format!("{key}#{number}"));
            row(meta, reference, Some(key))
        })
    });
    sorted(rows)
}

/// From a list that the server pushes: alone, or as `users`. None when it is no list.
pub fn from_list(payload: &Value) -> Option<Vec<RosterEntry>> {
    let list = payload.as_array().or_else(|| payload.get("users")?.as_array())?;
    let rows = list.iter().filter_map(Value::as_object).enumerate().map(|(number, meta)| {
        let reference = text(meta, &["ref", "phx_ref"]).unwrap_or_else(|| format!("#{number}"));
        row(meta, reference, None)
    });
    Some(sorted(rows))
}

fn row(meta: &Map<String, Value>, reference: String, key: Option<&str>) -> RosterEntry {
    let user = text(meta, &["userId", "user_id"]).or_else(|| key.map(str::to_owned));
    let name = text(meta, &["username", "userName", "user_name"]).or_else(|| user.clone()).unwrap_or_default();
    let online = ["onlineAt", "online_at"].iter().find_map(|member| meta.get(*member));
    let online = online.and_then(|value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()));
    RosterEntry {
        reference,
        user,
        name,
        // Phoenix' own generators write seconds, the readme milliseconds.
        online_since: online
            .map(|time| UnixMillis(if time < 100_000_000_000 { time.saturating_mul(1_000) } else { time })),
        address: text(meta, &["ipAddress", "ip_address"]),
    }
}

fn text(meta: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| meta.get(*name).filter(|value| !value.is_null()))?;
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// By name, then since when; each reference once.
fn sorted(rows: impl Iterator<Item = RosterEntry>) -> Vec<RosterEntry> {
    let by_reference: BTreeMap<String, RosterEntry> = rows.map(|row| (row.reference.clone(), row)).collect();
    let mut rows: Vec<RosterEntry> = by_reference.into_values().collect();
    rows.sort_by(|a, b| (a.name.as_str(), a.online_since).cmp(&(b.name.as_str(), b.online_since)));
    rows
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use trunkline_wire::phoenix::Presence;

    use super::*;

    fn described() -> Value {
        serde_json::from_str(include_str!("../tests/fixtures/olos-agenthub/online-users.json")).unwrap()
    }

    fn of(state: &Value) -> Vec<RosterEntry> {
        let mut presence = Presence::default();
        presence.receive("1", "presence_state", state).unwrap();
        from_presence(presence.list())
    }

    fn as_described(rows: &[RosterEntry]) -> Value {
        rows.iter().map(|row| json!({ "ref": row.reference, "userId": row.user, "username": row.name, "onlineAt": row.online_since.map(|at| at.0), "ipAddress": row.address })).collect()
    }

    #[test]
    fn a_date_before_time_began_is_no_fault() {
        let rows = from_list(&json!([{ "ref": "1", "onlineAt": -9_223_372_038_547_803_i64 }])).unwrap();
        assert_eq!(rows[0].online_since, Some(UnixMillis(i64::MIN)));
    }

    #[test]
    fn presence_becomes_the_readmes_rows_one_a_device() {
        let described = described();
        let rows = of(&described["presence_state"]);
        assert_eq!(as_described(&rows), described["online_users"], "one user on two devices");
        let snake = of(&described["snake_case_variant"]);
        assert_eq!(as_described(&snake)[0], described["online_users"][0], "whatever way names are written");
        let pushed = from_list(&described["direct_push_variant"][4]).unwrap();
        assert_eq!(as_described(&pushed)[0], described["online_users"][0], "or pushed as a list");
    }

    #[test]
    fn rows_of_odd_forms_are_made_the_best_of() {
        let rows = from_list(&json!([{ "ref": "A" }, { "ref": "A", "username": "second" }, 7, { "userId": 5, "onlineAt": "1662391541" }])).unwrap();
        assert_eq!(rows.len(), 2, "each reference once, what is no object not at all");
        assert_eq!(
            (rows[0].name.as_str(), rows[0].online_since),
            ("5", Some(UnixMillis(1_662_391_541_000))),
            "an id for a name, seconds"
        );
        assert_eq!(from_list(&json!({ "users": {} })), None, "no list");
        assert_eq!(from_list(&json!("x")), None);
        let rows = of(&json!({ "u": { "metas": [{}, {}] } }));
        assert_eq!(rows.len(), 2, "metas without references are told apart by their places");
    }
}
