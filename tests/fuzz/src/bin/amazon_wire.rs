//! Anything that Amazon Connect may send, at everything that reads it. A list is
//! taken for snapshots that come one after the other.
#![no_main]

use std::cell::LazyCell;
use std::collections::BTreeSet;

use serde_json::Value;
use trunkline_amazon_connect::diff::{ContactEvent, DiffEvent, Differ};
use trunkline_amazon_connect::wire::{
    AttachmentReply, CallConfig, ConfigurationReply, ConnectionReply, CountryCodesPage, EndpointsPage, Item,
    PermissionsPage, QueuesPage, SentReply, ServiceError, Snapshot, SnapshotReply, StatesPage, TemplateReply,
    TemplatesPage, Timestamp, TranscriptReply, TransportReply, UploadReply, ViewReply, WireFrame, decode,
    decode_content, faulty_properties, unescape_html,
};
use trunkline_amazon_connect::{AmazonConnectSettings, map};
use trunkline_fuzz::{bounded, fuzz};
use trunkline_model::TaskTemplateId;

fuzz!(|data: &[u8]| {
    replies(data);
    let text = String::from_utf8_lossy(data);
    texts(&text);
    match serde_json::from_slice::<Value>(data) {
        Ok(Value::Array(snapshots)) => {
            let read = |snapshot: &Value| decode::<SnapshotReply>(snapshot.to_string().as_bytes()).ok();
            trace(snapshots.iter().take(20).filter_map(read).map(|reply| reply.snapshot), data.len());
        }
        Ok(_) => trace(decode::<SnapshotReply>(data).ok().map(|reply| reply.snapshot).into_iter(), data.len()),
        Err(_) => {}
    }
});

thread_local! {
    static SETTINGS: LazyCell<AmazonConnectSettings> = LazyCell::new(AmazonConnectSettings::default);
}

fn replies(body: &[u8]) {
    let size = body.len();
    macro_rules! read {
        ($($reply:ty),+ $(,)?) => {
            $(match decode::<$reply>(body) {
                Ok(reply) => bounded(size, &reply),
                // What stood there may be personal: only the place is told.
                Err(error) => assert!(error.to_string().len() < 120, "{error}"),
            })+
        };
    }
    read!(
        ConfigurationReply,
        PermissionsPage,
        StatesPage,
        CountryCodesPage,
        QueuesPage,
        EndpointsPage,
        TransportReply,
        ConnectionReply,
        SentReply,
        TranscriptReply,
        UploadReply,
        AttachmentReply,
        ViewReply,
        TemplatesPage,
    );
    if let Ok(page) = decode::<EndpointsPage>(body) {
        bounded(size, &page.endpoints.iter().filter_map(map::endpoint).collect::<Vec<_>>());
    }
    if let Ok(reply) = decode::<TemplateReply>(body) {
        bounded(size, &map::templates::template(&TaskTemplateId::new("t"), reply));
    }
    if let Ok(page) = decode::<TemplatesPage>(body) {
        bounded(size, &page.task_templates.into_iter().filter_map(map::templates::entry).collect::<Vec<_>>());
    }
    bounded(size, &ServiceError::read(400, &http::HeaderMap::new(), body));
    bounded(size, &faulty_properties(body));
}

fn texts(text: &str) {
    let frame = WireFrame::decode(text);
    bounded(text.len(), &frame);
    if let WireFrame::Data { content, .. } = &frame {
        contents(content);
    }
    contents(text);
    if let Some(time) = Timestamp::parse(text) {
        assert!(time.0.is_finite(), "a time is a number");
    }
    assert!(unescape_html(text).len() <= text.len(), "escapes are longer than what they stand for");
    if let Ok(config) = CallConfig::parse(text) {
        bounded(text.len(), &config);
    }
}

fn contents(text: &str) {
    bounded(text.len(), &decode_content(text));
    if let Some(item) = Item::read_text(text) {
        bounded(text.len(), &(item.event(), &item));
    }
}

fn trace(snapshots: impl Iterator<Item = Snapshot>, size: usize) {
    let mut differ = Differ::default();
    let mut known = BTreeSet::new();
    for snapshot in snapshots {
        bounded(size, &snapshot);
        // A contact that is listed twice begins twice: nothing is said against that here.
        let ids: BTreeSet<&str> = snapshot.contacts.iter().map(|contact| contact.contact_id.as_str()).collect();
        if ids.len() != snapshot.contacts.len() {
            return;
        }
        for event in differ.apply(&snapshot) {
            match event {
                DiffEvent::Contact(id, ContactEvent::Init) => assert!(known.insert(id), "a contact begins once"),
                DiffEvent::Contact(id, ContactEvent::Destroyed) => assert!(known.remove(&id), "and goes once"),
                DiffEvent::Contact(id, event) => assert!(known.contains(&id), "{event:?} of no contact"),
                DiffEvent::Agent(_) => {}
            }
        }
        SETTINGS.with(|settings| {
            let skew = map::Skew(0);
            bounded(size, &map::agent(&snapshot, None, skew, settings));
            for contact in &snapshot.contacts {
                bounded(size, &map::contact(contact, &map::Memory::default(), skew, settings));
            }
        });
    }
}
