//! What crosses to the UI, byte for byte, and the TypeScript made from it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_json_snapshot;
use trunkline_connector::{Envelope, Event};
use trunkline_desk::{Desk, Input, MediaNews};
use trunkline_model::*;
use trunkline_rpc::{Levels, Push, RpcCode, RpcError};

fn contact() -> Contact {
    Contact {
        id: "contact-one".into(),
        channel: Channel::Voice,
        direction: Direction::Inbound,
        state: ContactState::Offered,
        state_since: UnixMillis(1_000),
        outcome: None,
        queue: Some(Queue { id: "queue-one".into(), name: Some("Queue One".to_owned()) }),
        queued_since: Some(UnixMillis(900)),
        offer_expires: Some(UnixMillis(21_000)),
        customer: Party { name: Some("Customer One".to_owned()), address: Some("address-one".to_owned()) },
        subject: None,
        description: None,
        references: Vec::new(),
        scheduled_for: None,
        template: None,
        email: None,
        monitoring: None,
        supervised: false,
        wrap_up_ends: None,
        handover: None,
        advisers: Vec::new(),
        details: Box::default(),
        attributes: vec![Attribute { name: "tier".to_owned(), value: "<b>gold</b>".to_owned() }],
        connections: vec![Connection {
            id: "leg-one".into(),
            kind: ConnectionKind::Unknown("observer".to_owned()),
            state: ConnectionState::Connecting,
            state_since: None,
            party: Party::default(),
            muted_by_platform: false,
            mute_forced: false,
            sends: std::collections::BTreeSet::new(),
            allowed: [ConnectionAction::Hold].into(),
        }],
        on_hold: false,
        softphone: true,
        auto_accept: false,
        allowed: [ContactAction::Accept, ContactAction::Reject].into(),
    }
}

/// A desk with an account and an offer, and the changes of the offer.
fn offered() -> (Desk, Push) {
    let mut desk = Desk::new();
    let account = AccountId::from("account-one");
    desk.apply(
        Input::AccountAdded {
            id: account.clone(),
            platform: "platform-one".into(),
            platform_name: "Platform One".to_owned(),
            name: "Account One".to_owned(),
            order: 0,
            capabilities: ["voice".to_owned()].into(),
        },
        UnixMillis(1_000),
    );
    let from = desk.revision();
    let event = Event::Contact(Box::new(contact()));
    let mut changes =
        desk.apply(Input::Connector(Envelope { account: account.clone(), event }), UnixMillis(1_100)).changes;
    let key = ContactKey::new(account, "contact-one".into());
    let media = Input::Media { contact: key, news: MediaNews::State(MediaState::Connecting) };
    changes.extend(desk.apply(media, UnixMillis(1_200)).changes);
    let patch = Push::Patch(desk.patch(from, changes));
    (desk, patch)
}

#[test]
fn pushes() {
    let (desk, patch) = offered();
    assert_json_snapshot!("patch", patch);
    assert_json_snapshot!("snapshot", Push::Snapshot(Box::new(desk.snapshot())));
    assert_json_snapshot!("offers", Push::Offers(desk.offers()));
    assert_json_snapshot!("levels", Push::Levels(Levels { microphone: Some(0.25), ..Levels::default() }));
    assert_json_snapshot!("show", Push::Show("settings/audio".to_owned()));
}

#[test]
fn errors() {
    let error = RpcError {
        code: RpcCode::NotPossible,
        message_key: "error_not_possible".to_owned(),
        detail: Some("already gone".to_owned()),
        field: None,
        retryable: false,
        trace_id: "t00001".to_owned(),
    };
    assert_json_snapshot!("error", error);
}

#[test]
fn a_push_comes_back_as_it_went() {
    let (desk, patch) = offered();
    for push in [patch, Push::Snapshot(Box::new(desk.snapshot())), Push::Offers(desk.offers())] {
        let text = serde_json::to_string(&push).unwrap();
        assert_eq!(serde_json::from_str::<Push>(&text).unwrap(), push, "nothing is lost on the way");
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn the_committed_typescript_is_the_generated_one() {
    let folder = tempfile::tempdir().unwrap();
    trunkline_rpc::export(folder.path()).unwrap();
    let generated = files(folder.path());
    trunkline_rpc::export(folder.path()).unwrap();
    assert_eq!(files(folder.path()), generated, "writing again gives the same bytes");
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/lib/rpc/gen");
    let committed = files(&committed);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(&generated), "one file a type: run `cargo xtask bindings`");
    for (name, text) in &generated {
        assert_eq!(committed[name], *text, "{name} is up to date: run `cargo xtask bindings`");
    }
    assert!(!generated.values().any(|text| text.contains("bigint")), "JSON has no bigint");
}

#[test]
fn exporting_leaves_files_of_others_alone_and_removes_types_that_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.ts"), "export const mine = 1;\n").unwrap();
    trunkline_rpc::export(folder.path()).unwrap();
    let old = fs::read_to_string(folder.path().join("Empty.ts")).unwrap();
    fs::write(folder.path().join("OldType.ts"), old).unwrap();
    trunkline_rpc::export(folder.path()).unwrap();
    assert!(folder.path().join("mine.ts").exists(), "a hand-written file stays");
    assert!(!folder.path().join("OldType.ts").exists(), "the file of a type that is gone goes");
    let index = fs::read_to_string(folder.path().join("index.ts")).unwrap();
    assert!(index.contains("\"./Commands\"") && !index.contains("OldType"), "the index names what there is");
    assert!(!index.contains("mine"), "and only what was generated");
}
