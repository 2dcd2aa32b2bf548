//! First inputs and words of each target, out of the fixtures that the tests have.
//! Nothing is stored a second time: they are made anew at each run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::is_json;

const EXPERTFLOW: &str = "src-tauri/connectors/expertflow/tests/fixtures/expertflow";
const AMAZON: &str = "src-tauri/connectors/amazon-connect/tests/fixtures";
const OLOS: &str = "src-tauri/connectors/olos/tests/fixtures/olos-agenthub";
const WIRE: &str = "src-tauri/crates/wire/tests/fixtures";
/// The conversation of Expertflow's fixtures.
const CONVERSATION: &str = "68a100000000000000000c01";
/// Longer ones are text of a person's, not names that a reader looks for.
const LONGEST_WORD: usize = 40;

/// What a target begins with.
#[derive(Default)]
pub struct Seeds {
    inputs: Vec<Vec<u8>>,
    words: BTreeSet<String>,
}

impl Seeds {
    fn add(&mut self, input: impl Into<Vec<u8>>) {
        self.inputs.push(input.into());
    }

    /// Takes the names and short texts of a value as words.
    fn learn(&mut self, value: &Value) {
        let mut word = |text: &str| {
            if !text.is_empty() && text.len() <= LONGEST_WORD {
                self.words.insert(text.to_owned());
            }
        };
        match value {
            Value::String(text) => word(text),
            Value::Array(entries) => entries.iter().for_each(|entry| self.learn(entry)),
            Value::Object(members) => {
                members.keys().for_each(|name| word(name));
                members.values().for_each(|member| self.learn(member));
            }
            _ => {}
        }
    }

    /// Writes each to a file of its own; gives the files with the words, for our own
    /// mutator and for libFuzzer's, which takes no empty one.
    pub fn write(&self, folder: &Path, beside: &Path, name: &str) -> Result<(PathBuf, Option<PathBuf>)> {
        for (number, input) in self.inputs.iter().enumerate() {
            fs::write(folder.join(format!("{number:04}")), input)?;
        }
        let (words, dictionary) = (beside.join(format!("{name}.words")), beside.join(format!("{name}.dict")));
        fs::write(&words, json!(self.words).to_string())?;
        let plain = |word: &&String| word.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte));
        let entries = self.words.iter().filter(plain).map(|word| format!("\"{word}\"\n"));
        let entries: String = entries.collect();
        fs::write(&dictionary, &entries)?;
        Ok((words, (!entries.is_empty()).then_some(dictionary)))
    }
}

/// The JSON files of a folder and those below it, with their names, in order.
fn fixtures(folder: &str) -> Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if is_json(&path) {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                // Some hold what is no JSON on purpose.
                if let Ok(value) = serde_json::from_slice(&fs::read(&path)?) {
                    found.push((name, value));
                }
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// Texts in a value that fit.
fn texts<'v>(value: &'v Value, fits: &dyn Fn(&str) -> bool, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if fits(text) => found.push(text),
        Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, fits, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, fits, found)),
        _ => {}
    }
}

/// Frames of Socket.IO's own, for which there are no fixtures.
const PACKETS: [&str; 20] = [
    r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
    "1",
    "2",
    "2probe",
    "6",
    "40",
    r#"40{"sid":"b"}"#,
    r#"40{"sid":"b","pid":"p"}"#,
    r#"40/admin,{"sid":"b"}"#,
    "41",
    "41/admin,",
    r#"42["e",1,"x",null,{"k":[]}]"#,
    r#"4212["e",{},"offset"]"#,
    r#"42/admin,7["e"]"#,
    "430[]",
    r#"4312[{"status":"ok"}]"#,
    r#"44{"message":"login-failed","data":{"content":{}}}"#,
    r#"44"no""#,
    r#"452-["file",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}],"tail"]"#,
    r#"42["e","a\ud83d",{"\ude00":1}]"#,
];

/// Events as Expertflow sends them: name and argument.
fn expertflow_events() -> Result<Vec<(String, Value)>> {
    let told = fixtures(&format!("{EXPERTFLOW}/socket-in"))?;
    let event = |(name, value): (String, Value)| match name.split('.').next() {
        Some("cimEvent") => ("onCimEvent".to_owned(), json!({ "cimEvent": value, "conversationId": CONVERSATION })),
        plain => (plain.unwrap_or_default().to_owned(), value),
    };
    Ok(told.into_iter().map(event).collect())
}

pub fn socketio_packet() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    PACKETS.iter().for_each(|packet| seeds.add(*packet));
    for (name, value) in expertflow_events()? {
        seeds.add(format!("42{}", json!([name, value])));
        seeds.words.insert(name);
    }
    seeds.words.extend(["_placeholder", "num", "sid", "pid", "message", "\\ud83d"].map(str::to_owned));
    Ok(seeds)
}

pub fn socketio_client() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    let open = format!("c\no{{\"agent\":\"x\"}}\n>{}", PACKETS[0]);
    let ready = format!("{open}\n>{}", PACKETS[6]);
    let recovers = format!("{open}\n>{}", PACKETS[7]);
    for packet in PACKETS {
        for before in [&open, &ready, &recovers] {
            seeds.add(format!("{before}\n>{packet}\nb\nb\na\nA\nw\no\n>{}\n>{}", PACKETS[0], PACKETS[7]));
        }
    }
    for (name, value) in expertflow_events()? {
        for way in ['>', 'l'] {
            seeds.add(format!("{ready}\n{way}423{}\na\nw", json!([name, value])));
        }
        seeds.words.insert(name);
    }
    seeds.add(format!("{ready}\nehello\nq500\nq10\n>430[1]\nt100\nt1000\n>2\nw\nw\nf\nw\no\nx1000\nd"));
    seeds.add(format!("c\nf\nw\no\nw\nw\nO\nF\nX\n<2\nB\n>{}\nd\nc", PACKETS[0]));
    Ok(seeds)
}

pub fn socketio_recovery() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    for script in ["reeexwr", "rekkwmeexwnwne", "reexwlre", "rxwrp", "reekwnwmekwr", "reenxwmewwwe"] {
        seeds.add(script.chars().map(|letter| format!("{letter}\n")).collect::<String>());
    }
    Ok(seeds)
}

/// Frames of Phoenix channels, as text and as bytes.
fn phoenix_frames() -> Result<(Vec<String>, Vec<Vec<u8>>)> {
    fn collect(value: &Value, text: &mut Vec<String>, bytes: &mut Vec<Vec<u8>>) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, text, bytes)),
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("frame", Value::String(frame)) => text.push(frame.clone()),
                        ("hex", Value::String(hex)) => bytes.extend(unhex(hex)),
                        _ => collect(member, text, bytes),
                    }
                }
            }
            _ => {}
        }
    }
    let (mut text, mut bytes) = (Vec::new(), Vec::new());
    for (_, value) in fixtures(WIRE)? {
        collect(&value, &mut text, &mut bytes);
    }
    Ok((text, bytes))
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

pub fn phoenix_frame() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    let (text, bytes) = phoenix_frames()?;
    text.iter().for_each(|frame| seeds.add(format!("t{frame}")));
    bytes.iter().for_each(|frame| seeds.add([b"b", frame.as_slice()].concat()));
    seeds.words.extend(["phx_reply", "phx_join", "phx_leave", "null", "status", "response"].map(str::to_owned));
    Ok(seeds)
}

pub fn phoenix_client() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    let (text, bytes) = phoenix_frames()?;
    let joined = "c\nj0{}\np0{\"n\":1}\no\ny0{}";
    text.iter().for_each(|frame| seeds.add(format!("{joined}\n>{frame}\na\nw\nh\nw")));
    bytes.iter().for_each(|frame| seeds.add([joined.as_bytes(), b"\nb", frame, b"\nw"].concat()));
    let presence = json!({ "u1": { "metas": [{ "phx_ref": "a" }, { "phx_ref": "b" }] } });
    let change = json!({ "joins": { "u2": { "metas": [{ "phx_ref": "c" }] } }, "leaves": presence });
    seeds.learn(&presence);
    seeds.add(format!("{joined}\nz0{change}\ns0{presence}\nz0{change}\nr0\ny0\ns0{presence}"));
    seeds.add("c\no\nj0{}\nj1{}\nn1{}\nw\ny1{}\nw\nw\nx1006\nw\no\ny0\nl0\nw\nd");
    seeds.add("j0{}\np0{}\np0{}\nP0abc\np0{}\np0{}\nc\nf\nw\no\nw\nw\nw\nw\nw\nh\nw\nw");
    seeds.words.extend(
        ["phx_reply", "phx_error", "phx_close", "phx_leave", "presence_state", "presence_diff", "metas", "agents:52"]
            .map(str::to_owned),
    );
    Ok(seeds)
}

pub fn expertflow_cim() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    for (_, value) in fixtures(EXPERTFLOW)? {
        seeds.learn(&value);
        seeds.add(value.to_string());
    }
    for (_, value) in expertflow_events()? {
        // As some installations send it: JSON within text.
        let within = value["cimEvent"].to_string();
        seeds.add(json!({ "cimEvent": within, "conversationId": CONVERSATION }).to_string());
    }
    Ok(seeds)
}

pub fn expertflow_session() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    let events = expertflow_events()?;
    let named = |wanted: &str| {
        let event = events.iter().find(|(name, _)| name == wanted);
        event.map(|(name, value)| format!(">{name} {value}")).with_context(|| format!("no fixture of {wanted}"))
    };
    let presence = named("agentPresence")?;
    let (offer, topic) = (named("taskRequest")?, named("onTopicData")?);
    for (name, value) in &events {
        seeds.learn(value);
        seeds.words.insert(name.clone());
        seeds.add(format!("{presence}\n{offer}\n{topic}\n?{name} {value}\nw\nw"));
    }
    for (_, value) in fixtures(&format!("{EXPERTFLOW}/rest"))? {
        // Whatever is asked is answered so.
        let answers = format!("a{value}\n").repeat(8);
        seeds.learn(&value);
        seeds.add(format!("{answers}{presence}\n{offer}\n{topic}\nx\nw\ne\nf\nw"));
    }
    Ok(seeds)
}

/// Marks and letters that mails are made of.
const MARKS: &str = "<p> </p> <br> <br/> <div> </div> <a&href=\" </a> <li> <ul> <table> <tr> <td> <pre> </pre> <script> \
    </script> <style> </style> <!-- --> <!doctype&html> <img&alt=' > \"> '> &amp; &lt; &nbsp; &#8364; &#x20AC; &zwnj; \
    https://x.invalid mailto: javascript: <svg> <title> <h1> <?xml ?>";

pub fn expertflow_html() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    // A blank within a mark stands as "&" above.
    let marks: Vec<String> =
        MARKS.split_whitespace().map(|mark| mark.replace("<a&", "<a ").replace("g&", "g ")).collect();
    seeds.add(marks.join("word "));
    for mark in &marks {
        seeds.add(format!("before {mark}within{mark}"));
    }
    seeds.words.extend(marks);
    for (_, value) in fixtures(EXPERTFLOW)? {
        let mut found = Vec::new();
        texts(&value, &|text| text.contains('<'), &mut found);
        found.into_iter().for_each(|html| seeds.add(html));
    }
    Ok(seeds)
}

pub fn amazon_wire() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    let all = fixtures(AMAZON)?;
    for (name, value) in &all {
        seeds.learn(value);
        seeds.add(value.to_string());
        // JSON within texts: what frames and the call's settings carry.
        let mut within = Vec::new();
        texts(value, &|text| text.len() > 20 && text.starts_with('{'), &mut within);
        within.into_iter().for_each(|json| seeds.add(json));
        if name.starts_with("trace.") {
            let file = |step: &Value| Some(step["snapshotFile"].as_str()?.trim_end_matches(".json").to_owned());
            let names: Vec<String> = value["steps"].as_array().into_iter().flatten().filter_map(file).collect();
            let snapshot = |name: &String| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            seeds.add(Value::Array(names.iter().filter_map(snapshot).collect()).to_string());
        }
    }
    Ok(seeds)
}

pub fn olos_events() -> Result<Seeds> {
    let mut seeds = Seeds::default();
    for (_, value) in fixtures(OLOS)? {
        seeds.learn(&value);
        seeds.add(value.to_string());
    }
    Ok(seeds)
}
