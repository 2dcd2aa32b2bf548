//! Pages of GetTranscript.

use serde_json::{Value, json};

use super::item::Item;
use super::participant::{Refused, invalid};

/// Items in one answer at most.
const MOST: u64 = 100;
const USUAL: u64 = 15;

/// What part of the items is asked for, as positions in arrival order.
struct Window {
    from: usize,
    until: usize,
    backward: bool,
}

/// The answer for items in the order of their arrival.
pub(crate) fn page(items: &[Item], initial_contact_id: &str, body: &Value) -> Result<Value, Refused> {
    let most = match &body["MaxResults"] {
        Value::Null => USUAL,
        asked => {
            asked.as_u64().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| invalid("MaxResults is out of range"))?
        }
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let window = window(items, body)?;
    let (from, until) = if window.backward {
        (window.until.saturating_sub(most).max(window.from), window.until)
    } else {
        (window.from, window.from.saturating_add(most).min(window.until))
    };
    let more = if window.backward { from > window.from } else { until < window.until };
    let mut shown: Vec<Value> = items[from..until].iter().map(|i| i.transcript_json(initial_contact_id)).collect();
    match body["SortOrder"].as_str() {
        None | Some("ASCENDING") => {}
        Some("DESCENDING") => shown.reverse(),
        Some(_) => return Err(invalid("SortOrder")),
    }
    let mut answer = json!({ "InitialContactId": initial_contact_id, "Transcript": shown });
    if more {
        let (mark, place) = if window.backward { ("b", from) } else { ("f", until) };
        answer["NextToken"] = json!(format!("sim-transcript-{mark}-{place}"));
    }
    Ok(answer)
}

fn window(items: &[Item], body: &Value) -> Result<Window, Refused> {
    let backward = match body["ScanDirection"].as_str() {
        None | Some("BACKWARD") => true,
        Some("FORWARD") => false,
        Some(_) => return Err(invalid("ScanDirection")),
    };
    let all = items.len();
    if let Some(token) = body["NextToken"].as_str() {
        let mark = if backward { "sim-transcript-b-" } else { "sim-transcript-f-" };
        let place = token.strip_prefix(mark).and_then(|n| n.parse::<usize>().ok()).filter(|n| *n <= all);
        let place = place.ok_or_else(|| invalid("NextToken"))?;
        let (from, until) = if backward { (0, place) } else { (place, all) };
        return Ok(Window { from, until, backward });
    }
    let position = start(items, &body["StartPosition"])?;
    let (from, until) = match (position, backward) {
        (None, _) => (0, all),
        // The item at the start belongs to the page.
        (Some(place), true) => (0, (place + 1).min(all)),
        (Some(place), false) => (place.min(all), all),
    };
    Ok(Window { from, until, backward })
}

/// Position that StartPosition names; `None` for an empty one.
fn start(items: &[Item], position: &Value) -> Result<Option<usize>, Refused> {
    let given = ["Id", "AbsoluteTime", "MostRecent"].iter().filter(|n| !position[**n].is_null()).count();
    if given > 1 {
        return Err(invalid("only one member of StartPosition is allowed"));
    }
    if let Some(id) = position["Id"].as_str() {
        let found = items.iter().position(|i| i.id == id);
        return found.map(Some).ok_or_else(|| invalid("StartPosition names no item"));
    }
    if let Some(time) = position["AbsoluteTime"].as_str() {
        // Times of that form sort as texts do.
        let found = items.iter().position(|i| crate::amazon_connect::server::iso_time(i.time).as_str() >= time);
        return Ok(Some(found.unwrap_or(items.len())));
    }
    match &position["MostRecent"] {
        Value::Null => Ok(None),
        asked => {
            let asked = asked.as_u64().filter(|n| (0..=MOST).contains(n));
            let asked = asked.ok_or_else(|| invalid("MostRecent is out of range"))?;
            Ok(Some(items.len().saturating_sub(usize::try_from(asked).unwrap_or(usize::MAX))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    fn items(count: usize) -> Vec<Item> {
        (0..count)
            .map(|n| Item {
                id: format!("m{n}"),
                kind: "MESSAGE",
                time: n as f64,
                at: Moment::now(),
                content_type: "text/plain".to_owned(),
                content: Some(n.to_string()),
                sender: None,
                contact_id: "c".to_owned(),
                file: None,
                completed: None,
                client_token: None,
                receipts: Vec::new(),
            })
            .collect()
    }

    fn ids(answer: &Value) -> Vec<String> {
        answer["Transcript"]
            .as_array()
            .map_or(Vec::new(), |list| list.iter().filter_map(|i| i["Id"].as_str()).map(str::to_owned).collect())
    }

    fn ask(items: &[Item], body: &Value) -> Value {
        page(items, "c", body).unwrap_or_else(|r| panic!("{body} is answered: {r:?}"))
    }

    #[test]
    fn pages_in_both_directions_joined_are_all_items_once() {
        let all = items(47);
        for direction in ["BACKWARD", "FORWARD"] {
            let (mut seen, mut token) = (Vec::new(), Value::Null);
            loop {
                let body = json!({ "ScanDirection": direction, "MaxResults": 10, "NextToken": token });
                let answer = ask(&all, &body);
                seen.extend(ids(&answer));
                token = answer["NextToken"].clone();
                if token.is_null() {
                    break;
                }
            }
            let mut names = seen.clone();
            names.sort();
            names.dedup();
            assert_eq!((seen.len(), names.len()), (47, 47), "{direction}: each once");
        }
    }

    #[test]
    fn a_page_is_sorted_as_asked_and_by_default_the_newest_fifteen() {
        let all = items(20);
        let newest = ids(&ask(&all, &json!({ "StartPosition": {} })));
        assert_eq!((newest.len(), newest[0].as_str(), newest[14].as_str()), (15, "m5", "m19"));
        let down = ids(&ask(&all, &json!({ "SortOrder": "DESCENDING", "MaxResults": 2 })));
        assert_eq!(down, ["m19", "m18"], "newest first");
        let up = ids(&ask(&all, &json!({ "ScanDirection": "FORWARD", "MaxResults": 2 })));
        assert_eq!(up, ["m0", "m1"], "from the oldest");
        assert_eq!(ids(&ask(&[], &json!({}))), Vec::<String>::new(), "nothing said yet");
    }

    #[test]
    fn the_start_is_named_by_id_time_or_count() {
        let all = items(10);
        let from = |position: Value, direction: &str| {
            ids(&ask(&all, &json!({ "StartPosition": position, "ScanDirection": direction, "MaxResults": 3 })))
        };
        assert_eq!(from(json!({ "Id": "m4" }), "FORWARD"), ["m4", "m5", "m6"]);
        assert_eq!(from(json!({ "Id": "m4" }), "BACKWARD"), ["m2", "m3", "m4"]);
        assert_eq!(from(json!({ "AbsoluteTime": "1970-01-01T00:00:07.000Z" }), "FORWARD"), ["m7", "m8", "m9"]);
        assert_eq!(from(json!({ "MostRecent": 2 }), "FORWARD"), ["m8", "m9"]);
        assert_eq!(from(json!({ "AbsoluteTime": "2999-01-01T00:00:00.000Z" }), "FORWARD"), Vec::<String>::new());
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let all = items(5);
        for body in [
            json!({ "MaxResults": 0 }),
            json!({ "MaxResults": 101 }),
            json!({ "MaxResults": "ten" }),
            json!({ "ScanDirection": "SIDEWAYS" }),
            json!({ "SortOrder": "NONE" }),
            json!({ "NextToken": "other" }),
            json!({ "NextToken": "sim-transcript-b-99" }),
            json!({ "StartPosition": { "Id": "nobody" } }),
            json!({ "StartPosition": { "Id": "m1", "MostRecent": 1 } }),
            json!({ "StartPosition": { "MostRecent": 101 } }),
        ] {
            let refused = page(&all, "c", &body).err().map(|r| r.kind);
            assert_eq!(refused, Some("ValidationException"), "{body}");
        }
    }
}
