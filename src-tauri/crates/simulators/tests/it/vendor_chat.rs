//! The vendor's own libraries, unmodified, hold a chat with the simulator.

use std::path::Path;
use std::time::Duration;

use crate::browser::Browser;
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, ChatEndedBy, OfferChat, SimOptions, TurnKind, WebSocketScheme,
};

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

fn package(name: &str, file: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor-client/node_modules").join(name).join(file);
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "the vendor's library {name} is not installed ({error}); run `npm ci` in \
             src-tauri/crates/simulators/vendor-client"
        )
    })
}

fn version(name: &str) -> String {
    let package: Value = serde_json::from_slice(&package(name, "package.json")).unwrap();
    package["version"].as_str().unwrap().to_owned()
}

struct Page {
    sim: AmazonConnectSim,
    orders: Vec<Value>,
    _browser: Browser,
}

impl Page {
    async fn open() -> Self {
        assert_eq!(version("amazon-connect-streams"), "2.28.2", "the version this proof is about");
        assert_eq!(version("amazon-connect-chatjs"), "5.0.0", "and of the chat library");
        let options =
            SimOptions { web_socket: WebSocketScheme::Wss, turn: TurnKind::Unreachable, ..SimOptions::default() };
        let sim = AmazonConnectSim::start(options).await.unwrap();
        let streams = package("amazon-connect-streams", "release/connect-streams.js");
        let chatjs = package("amazon-connect-chatjs", "dist/amazon-connect-chat.js");
        let browser = Browser::open(&sim.host_vendor_chat(streams, chatjs, "agent.one"), None);
        let page = Self { sim, orders: Vec::new(), _browser: browser };
        let agent = page.sees("the agent", LONG, |r| r["event"] == "agent").await;
        assert_eq!(agent["chats"], 3, "the client knows how many chats there may be");
        page
    }

    async fn sees(&self, what: &str, time: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        self.sim.expect_report(what, time, wanted).await.unwrap().body
    }

    /// An item that the library has handed on.
    async fn item(&self, event: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.sees(event, SOON, |r| r["event"] == event && wanted(&r["item"])).await["item"].clone()
    }

    /// The library's answer to an order.
    async fn order(&mut self, order: Value) -> Value {
        let (number, name) = (self.orders.len() + 1, order["do"].clone());
        self.orders.push(order);
        self.sim.host_page("/vendor/orders.json", "application/json", json!(self.orders).to_string());
        let answered = |r: &Value| (r["event"] == "done" || r["event"] == "failed") && r["number"] == number;
        let answer = self.sees(&format!("{name} to be answered"), SOON, answered).await;
        assert_eq!(answer["event"], "done", "the library has done {name}: {answer}");
        answer["result"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_holds_a_whole_chat() {
    let mut page = Page::open().await;
    let offer = OfferChat { first_words: Some("Is anybody there?".to_owned()), ..OfferChat::to("agent.one") };
    let chat = page.sim.offer_chat(offer).await.unwrap();
    let contact = page.sees("connect.contact", SOON, |r| r["event"] == "contact").await;
    assert_eq!(contact["id"], chat.contact_id(), "it is this contact");
    assert_eq!([&contact["type"], &contact["subtype"], &contact["media"]], ["chat", "connect:Chat", "chat"]);
    assert_eq!([&contact["queue"], &contact["customer"]], ["Support", "Customer One"]);
    assert_eq!(contact["inbound"], true);
    assert_eq!(contact["features"]["attachmentsEnabled"], true);
    page.order(json!({ "do": "accept" })).await;
    chat.expect_accepted(SOON).await.unwrap();
    let session = page.sees("the chat session", SOON, |r| r["event"] == "session").await;
    assert_eq!(session["participant"], chat.agent_connection_id(), "the library found its participant");
    chat.expect_acknowledged(SOON).await.unwrap();
    page.sim.expect_topic("agent.one", "aws/chat", SOON).await.unwrap();

    let id = chat.say("My parcel is late").unwrap();
    let item = page.item("message", |i| i["content"] == "My parcel is late").await;
    assert_eq!([&item["id"], &item["role"]], [id.as_str(), "CUSTOMER"]);
    page.order(json!({ "do": "receipt", "kind": "delivered", "id": id })).await;
    chat.wait_for_receipt(&id, false, SOON).await.unwrap();
    assert!(chat.messages()[1].read_by.is_empty(), "delivered is not read");
    page.order(json!({ "do": "receipt", "kind": "read", "id": id })).await;
    chat.wait_for_receipt(&id, true, SOON).await.unwrap();
    let said = page.order(json!({ "do": "say", "text": "Hello, how can I help?" })).await;
    let message = chat.wait_for_message("Hello, how can I help?", SOON).await.unwrap();
    assert_eq!(said["id"], message.id.as_str(), "the answer names the message");
    assert!(message.client_token.is_some(), "the vendor's SDK adds a ClientToken by itself");
    page.item("message", |i| i["id"] == message.id.as_str()).await;
    page.order(json!({ "do": "say", "text": "**bold**", "type": "text/markdown" })).await;
    chat.wait_for("Markdown", SOON, |m| m.content_type == "text/markdown").await.unwrap();
    page.order(json!({ "do": "typing" })).await;
    chat.wait_for_typing(1, SOON).await.unwrap();
    chat.typing().unwrap();
    page.item("typing", |i| i["role"] == "CUSTOMER").await;
    chat.mark_delivered(&message.id).unwrap();
    page.item("delivered-receipt", |i| i["metadata"]["MessageId"] == message.id.as_str()).await;
    chat.mark_read(&message.id).unwrap();
    page.item("read-receipt", |i| i["metadata"]["MessageId"] == message.id.as_str()).await;
    let streamed = chat.streamed_bot_text(&["Your par", "cel left"], Duration::from_millis(50)).await.unwrap();
    let stitched =
        |i: &Value| i["id"] == streamed.as_str() && i["content"] == "Your parcel left" && i["completed"] == true;
    page.item("message", stitched).await;
    chat.say_interactive(&json!({ "templateType": "ListPicker", "version": "1.0", "data": {} })).unwrap();
    page.item("message", |i| i["contentType"] == "application/vnd.amazonaws.connect.message.interactive").await;
    chat.idle().unwrap();
    page.item("idle", |_| true).await;
    let view = chat.add_view(json!({ "Id": "v1", "Arn": "arn", "Name": "form", "Content": {} }));
    assert_eq!(page.order(json!({ "do": "view", "token": view })).await["view"]["Id"], "v1");

    page.order(json!({ "do": "end" })).await;
    assert_eq!(chat.expect_ended(SOON).await.unwrap(), ChatEndedBy::Agent);
    page.sees("chat.ended", SOON, |r| r["event"] == "ended").await;
    page.sees("after-contact work", SOON, |r| r["event"] == "acw").await;
    page.order(json!({ "do": "clear" })).await;
    chat.expect_cleared(SOON).await.unwrap();
    page.sees("the contact gone", SOON, |r| r["event"] == "destroyed").await;
    let reports = page.sim.page_reports();
    let error = reports.iter().find(|r| r.body["event"] == "script-error");
    assert!(error.is_none(), "no script error: {error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_pages_sends_files_reconnects_and_transfers() {
    let mut page = Page::open().await;
    let chat = page.sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    page.sees("connect.contact", SOON, |r| r["event"] == "contact").await;
    page.order(json!({ "do": "accept" })).await;
    page.sees("the chat session", SOON, |r| r["event"] == "session").await;
    let ids: Vec<String> = (0..25).map(|n| chat.say(&format!("line {n}")).unwrap()).collect();
    let (mut seen, mut next) = (Vec::new(), Value::Null);
    loop {
        let args =
            json!({ "maxResults": 10, "nextToken": next, "scanDirection": "BACKWARD", "sortOrder": "DESCENDING" });
        let got = page.order(json!({ "do": "transcript", "args": args })).await;
        assert_eq!(got["initial"], chat.initial_contact_id());
        seen.extend(got["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()));
        next = got["next"].clone();
        if next.is_null() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen[2..], ids, "all pages of the vendor's getTranscript are the conversation");

    page.order(json!({ "do": "upload", "name": "label.pdf", "type": "application/pdf", "text": "file of the agent" }))
        .await;
    let file = chat.wait_for_file("label.pdf", SOON).await.unwrap();
    assert_eq!(file.bytes.as_deref(), Some(b"file of the agent".as_slice()), "the customer gets the bytes");
    let id = chat.send_file("photo.pdf", "application/pdf", "file of the customer").unwrap();
    let approved =
        |i: &Value| i["attachments"][0]["AttachmentId"] == id.as_str() && i["attachments"][0]["Status"] == "APPROVED";
    page.item("message", approved).await;
    let got = page.order(json!({ "do": "download", "id": id })).await;
    assert_eq!(got["text"], "file of the customer", "and the agent the customer's");

    page.sim.drop_sockets();
    page.sees("the loss", SOON, |r| r["event"] == "lost").await;
    page.sim.expect_topic("agent.one", "aws/chat", SOON).await.unwrap();
    chat.say("after the loss").unwrap();
    page.item("message", |i| i["content"] == "after the loss").await;

    page.order(json!({ "do": "transfer", "name": "Agent Two" })).await;
    chat.expect_transferred(SOON).await.unwrap();
    let transferred = "application/vnd.amazonaws.connect.event.transfer.succeeded";
    page.item("message", |i| i["contentType"] == transferred).await;
    page.sees("after-contact work", SOON, |r| r["event"] == "acw").await;
    let second = page.sim.expect_transferred_chat("agent.two", SOON).await.unwrap();
    assert_eq!(second.initial_contact_id(), chat.contact_id());
    page.order(json!({ "do": "clear" })).await;
    let reports = page.sim.page_reports();
    let error = reports.iter().find(|r| r.body["event"] == "script-error");
    assert!(error.is_none(), "no script error: {error:?}");
}
