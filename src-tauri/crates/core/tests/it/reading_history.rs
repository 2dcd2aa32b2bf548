//! The history as the panel reads it, page by page.

use crate::config::config;
use serde_json::json;
use trunkline_core::Core;
use trunkline_desk::HistoryEntry;
use trunkline_model::{Channel, ContactId, ContactKey, Direction, Outcome, Party, UnixMillis};
use trunkline_rpc::Window;
use trunkline_store::{Database, HistoryRow};

const ENDED: i64 = 1_790_000_000_000;

fn entry(number: i64) -> HistoryEntry {
    HistoryEntry {
        key: ContactKey::new("one".into(), ContactId::new(format!("contact-{number:04}"))),
        platform: "amazon-connect".into(),
        account_name: "One".to_owned(),
        channel: Channel::Voice,
        direction: Direction::Inbound,
        customer: Party { name: Some(format!("Customer {number}")), address: None },
        queue: None,
        outcome: Some(Outcome::Handled),
        offered_at: None,
        connected_at: None,
        ended_at: UnixMillis(ENDED + number),
        summary: None,
        initiation: None,
        subtype: None,
        taken_at: None,
        holds: 0,
        held_ms: 0,
        wrap_up_ms: None,
        devices: None,
        messages: None,
        annotations: Default::default(),
    }
}

fn row(number: i64, document: serde_json::Value) -> HistoryRow {
    let HistoryEntry { key, ended_at, .. } = entry(number);
    HistoryRow { account: key.account, contact: key.contact, ended_at, outcome: None, document }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_contacts_are_read_page_by_page_each_once_in_spite_of_unreadable_ones() {
    let folder = tempfile::tempdir().unwrap();
    let settings = config(folder.path());
    std::fs::create_dir_all(&settings.data_folder).unwrap();
    let database = Database::open(&settings.data_folder.join("history.sqlite")).unwrap();
    let unreadable = |number: i64| number % 97 == 0;
    for number in 0..1_000 {
        let document = if unreadable(number) {
            json!({ "version": "from tomorrow" })
        } else {
            serde_json::to_value(entry(number)).unwrap()
        };
        database.record(row(number, document)).await.unwrap();
    }
    drop(database);
    let core = Core::start(settings).await.unwrap();
    let started = std::time::Instant::now();
    let (mut read, mut pages): (Vec<HistoryEntry>, usize) = (Vec::new(), 0);
    loop {
        let page =
            core.router().call(Window::Panel, "history_read", json!({ "limit": 50, "offset": read.len() })).await;
        let page: Vec<HistoryEntry> = serde_json::from_value(page.unwrap()).unwrap();
        pages += 1;
        let full = page.len() == 50;
        // As the panel does: an entry it has already is not shown again.
        read.extend(
            page.into_iter().filter(|entry| !read.iter().any(|known| known.key == entry.key)).collect::<Vec<_>>(),
        );
        if !full {
            break;
        }
    }
    println!("1,000 contacts in {pages} pages: {:?}", started.elapsed());
    let expected: Vec<i64> = (0..1_000).rev().filter(|number| !unreadable(*number)).collect();
    let numbers: Vec<i64> = read.iter().map(|entry| entry.ended_at.0 - ENDED).collect();
    assert_eq!(numbers, expected, "newest first, each once, none left behind an unreadable one");
    core.shut_down().await;
}
