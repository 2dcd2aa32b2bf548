//! The fixtures under `tests/fixtures`, for unit tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

pub fn folder(set: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(set)
}

pub fn bytes(set: &str, name: &str) -> Vec<u8> {
    std::fs::read(folder(set).join(name)).unwrap_or_else(|error| panic!("{set}/{name}: {error}"))
}

pub fn text(set: &str, name: &str) -> String {
    String::from_utf8(bytes(set, name)).unwrap()
}

pub fn json(set: &str, name: &str) -> serde_json::Value {
    serde_json::from_slice(&bytes(set, name)).unwrap()
}

pub fn names(set: &str, prefix: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder(set))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}
