//! The vendor's own client, unmodified, takes a call from the simulator.

use std::path::Path;
use std::time::Duration;

use crate::browser::Browser;
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OfferCall, OfferEmail, OfferTask, OutboundAnswer, OutboundBehaviour, QuickConnect,
    SECOND_INSTANCE, SimOptions, SimWork, Speech, WebSocketScheme,
};

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

fn release() -> Vec<u8> {
    library("amazon-connect-streams/release/connect-streams.js")
}

fn library(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor-client/node_modules").join(path);
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "the vendor's library is not installed ({error}); run `npm ci` in \
             src-tauri/crates/simulators/vendor-client"
        )
    })
}

fn version() -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor-client/node_modules/amazon-connect-streams/package.json");
    let text = std::fs::read_to_string(file).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    package["version"].as_str().unwrap().to_owned()
}

fn options() -> SimOptions {
    SimOptions { web_socket: WebSocketScheme::Wss, ..SimOptions::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_takes_a_whole_call() {
    let sim = AmazonConnectSim::start(options()).await.unwrap();
    let url = sim.host_vendor_client(release(), "agent.one", true);
    assert_eq!(version(), "2.28.2", "the version this proof is about");
    let _browser = Browser::open(&url, None);

    let agent = sim.expect_report("the agent", LONG, |r| r["event"] == "agent").await.unwrap().body;
    assert_eq!(agent["name"], "Agent One", "the client read the configuration");
    assert_eq!(agent["state"], "Available", "and the snapshot");
    assert_eq!(
        agent["states"],
        serde_json::json!(["Available", "Offline", "Lunch", "Break"]),
        "and the list of states"
    );
    assert_eq!(agent["queues"], serde_json::json!(["Sales", "Support"]), "and the queues");
    assert_eq!(sim.sockets("agent.one"), 1, "and its WebSocket is open");

    let mut offer = OfferCall::to("agent.one");
    offer.attributes.insert("tier".to_owned(), "gold".to_owned());
    let call = sim.offer_call(offer).await.unwrap();
    let seen = sim.expect_report("connect.contact", SOON, |r| r["event"] == "contact").await.unwrap();
    assert_eq!(seen.body["id"], call.contact_id(), "it is this contact");
    assert_eq!(seen.body["inbound"], true);
    assert_eq!(seen.body["softphone"], true, "media info was understood");
    assert_eq!(seen.body["queue"], "Sales");
    assert_eq!(seen.body["number"], "+12025550123");
    assert_eq!(seen.body["attributes"]["customerName"], "Customer One");
    assert_eq!(seen.body["attributes"]["tier"], "gold");

    call.expect_accepted(SOON).await.unwrap();
    call.expect_hold(SOON).await.unwrap();
    call.expect_resumed(SOON).await.unwrap();
    call.expect_ended_by_agent(SOON).await.unwrap();
    call.expect_cleared(SOON).await.unwrap();
    sim.agent("agent.one").expect_state("Lunch", SOON).await.unwrap();
    sim.expect_report("the change to Lunch", SOON, |r| r["event"] == "state" && r["to"] == "Lunch").await.unwrap();

    let events: Vec<String> = sim
        .page_reports()
        .iter()
        .filter(|r| r.body["event"] != "state")
        .map(|r| r.body["event"].as_str().unwrap().to_owned())
        .collect();
    let at = |name: &str| events.iter().position(|e| e == name);
    let order = ["agent", "contact", "connected", "on-hold", "resumed", "acw", "destroyed"];
    for pair in order.windows(2) {
        assert!(
            at(pair[0]).is_some() && at(pair[0]) < at(pair[1]),
            "{} comes before {} in {events:?}",
            pair[0],
            pair[1]
        );
    }
    for failed in ["accept", "hold", "resume", "destroy", "clear", "set-state"] {
        assert!(at(&format!("{failed}-done")).is_some(), "the client was told that {failed} worked: {events:?}");
    }
    assert_eq!(at("script-error"), None, "no script error: {events:?}");

    let states: Vec<(String, String)> = sim
        .page_reports()
        .iter()
        .filter(|r| r.body["event"] == "state")
        .map(|r| {
            let text = |name: &str| r.body[name].as_str().unwrap_or("").to_owned();
            (text("from"), text("to"))
        })
        .collect();
    let to: Vec<&str> = states.iter().map(|(_, to)| to.as_str()).collect();
    let wanted = ["PendingBusy", "Busy", "AfterCallWork", "Available", "Lunch"];
    assert!(to.ends_with(&wanted), "the client saw the agent's states in order: {to:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_sees_missed_calls_and_callers_who_leave() {
    let sim = AmazonConnectSim::start(options()).await.unwrap();
    let url = sim.host_vendor_client(release(), "agent.one", false);
    let _browser = Browser::open(&url, None);
    sim.expect_report("the agent", LONG, |r| r["event"] == "agent").await.unwrap();

    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let id = call.contact_id().to_owned();
    let about = |event: &'static str, id: &str| {
        let id = id.to_owned();
        move |r: &serde_json::Value| r["event"] == event && r["id"] == id.as_str()
    };
    sim.expect_report("the ring", SOON, about("connecting", &id)).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    sim.expect_report("the contact is gone", SOON, about("destroyed", &id)).await.unwrap();
    sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();

    let mut offer = OfferCall::to("agent.one");
    offer.ring = Some(Duration::from_secs(1));
    let call = sim.offer_call(offer).await.unwrap();
    let id = call.contact_id().to_owned();
    call.expect_missed(SOON).await.unwrap();
    sim.expect_report("missed", SOON, about("missed", &id)).await.unwrap();
    sim.expect_report("MissedCallAgent", SOON, |r| r["to"] == "MissedCallAgent").await.unwrap();
}

/// The page with the vendor's client, told what to do order by order.
struct Ordered {
    sim: AmazonConnectSim,
    orders: Vec<Value>,
    _browser: Browser,
}

impl Ordered {
    async fn start(options: SimOptions) -> Self {
        let sim = AmazonConnectSim::start(options).await.unwrap();
        sim.host_page("/vendor/orders.json", "application/json", b"[]".as_slice());
        let tasks = library("amazon-connect-taskjs/dist/amazon-connect-task.js");
        sim.host_page("/vendor/connect-task.js", "text/javascript", tasks);
        let url = format!("{}&orders=1", sim.host_vendor_client(release(), "agent.one", false));
        let browser = Browser::open(&url, None);
        sim.expect_report("the agent", LONG, |r| r["event"] == "agent").await.unwrap();
        Self { sim, orders: Vec::new(), _browser: browser }
    }

    /// The library does it and is told that it worked.
    async fn order(&mut self, order: Value) {
        let name = order["do"].as_str().unwrap().to_owned();
        let before = self.count(&name);
        self.give(order);
        let wanted = format!("{name} to be done");
        let sim = self.sim.clone();
        let told = async {
            while self.count(&name) == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(SOON, told).await;
        assert!(in_time.is_ok(), "{wanted}: {:?}", sim.page_reports().last());
        let failed = format!("{name}-failed");
        let reports = self.sim.page_reports();
        let failure = reports.iter().skip(before).find(|r| r.body["event"] == failed.as_str());
        assert!(failure.is_none(), "the library reports {failure:?}");
    }

    fn give(&mut self, order: Value) {
        self.orders.push(order);
        self.sim.host_page("/vendor/orders.json", "application/json", json!(self.orders).to_string());
    }

    fn count(&self, name: &str) -> usize {
        let (done, failed) = (format!("{name}-done"), format!("{name}-failed"));
        let events = self.sim.page_reports();
        events.iter().filter(|r| r.body["event"] == done.as_str() || r.body["event"] == failed.as_str()).count()
    }

    /// The library sees the newest contact in that state, after all orders given
    /// up to now, and with more that `is_it` wants.
    async fn shows(&self, id: &str, state: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let orders = self.orders.len();
        let wanted = |r: &Value| {
            r["event"] == "view" && r["orders"] == orders && r["id"] == id && r["contact"] == state && is_it(r)
        };
        self.sim.expect_report(state, SOON, wanted).await.unwrap().body
    }

    /// The library's session of the task tells it once `happens` has run.
    async fn hears_of(&self, task: &SimWork, name: &str, happens: impl FnOnce()) {
        let about = |event: &'static str| {
            let id = task.contact_id().to_owned();
            move |r: &Value| r["event"] == event && r["id"] == id.as_str()
        };
        self.sim.expect_report("the session", SOON, about("task-session")).await.unwrap();
        self.sim.expect_topic("agent.one", "aws/task", SOON).await.unwrap();
        happens();
        let told = about("task-event");
        self.sim.expect_report(name, SOON, |r| told(r) && r["name"] == name).await.unwrap();
    }

    fn no_script_error(&self) {
        let reports = self.sim.page_reports();
        let error = reports.iter().find(|r| r.body["event"] == "script-error");
        assert!(error.is_none(), "no script error: {error:?}");
    }

    /// The library sees the contact so, after all orders given up to now:
    /// states of agent, customer and third parties.
    async fn sees(&self, what: &str, agent: &str, customer: &str, third: &[&str]) -> Value {
        let orders = self.orders.len();
        let wanted = json!([agent, customer, third]);
        let is_it = |r: &Value| {
            r["event"] == "view" && r["orders"] == orders && json!([r["agent"], r["customer"], r["third"]]) == wanted
        };
        self.sim.expect_report(what, SOON, is_it).await.unwrap().body
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_dials_consults_swaps_and_joins() {
    let rings = OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent };
    let mut directory = QuickConnect::branches(230);
    directory.push(QuickConnect::phone("Billing desk", "+12025550177"));
    let mut page = Ordered::start(SimOptions { directory, directory_page: 100, ..options() }).await;
    page.sim.set_outbound(rings.clone());
    page.sim.set_third_party(rings);

    page.give(json!({ "do": "endpoints" }));
    let list = page.sim.expect_report("the endpoints", SOON, |r| r["event"] == "endpoints").await.unwrap().body;
    assert_eq!(list["names"].as_array().unwrap().len(), 231, "all pages joined");
    assert_eq!(list["names"][230], "Billing desk");
    assert_eq!(list["types"][230], "phone_number");
    assert_eq!(page.sim.requests_of("GetEndpoints").len(), 3, "page by page");

    page.order(json!({ "do": "connect", "number": "+12025550199" })).await;
    let call = page.sim.expect_dialled("agent.one", SOON).await.unwrap();
    assert_eq!(call.offer().customer_number, "+12025550199");
    let seen = page.sees("the dialled call", "connecting", "connecting", &[]).await;
    assert_eq!(seen["inbound"], false);
    assert_eq!(seen["id"], call.contact_id());
    call.answer().unwrap();
    page.sees("the answered call", "connected", "connected", &[]).await;

    page.order(json!({ "do": "add", "name": "Billing desk" })).await;
    let billing = call.expect_third_party(SOON).await.unwrap();
    let seen = page.sees("the third party rings", "connected", "hold", &["connecting"]).await;
    assert_eq!(seen["names"], json!(["Billing desk"]));
    assert_eq!(seen["numbers"], json!(["+12025550177"]));
    assert_eq!(seen["multi"], false);
    billing.answer().unwrap();
    page.sees("the third party is there", "connected", "hold", &["connected"]).await;
    page.order(json!({ "do": "toggle" })).await;
    page.sees("swapped", "connected", "connected", &["hold"]).await;
    assert!(billing.facts().is_on_hold() && !call.facts().is_on_hold(), "as the script says");
    page.order(json!({ "do": "conference" })).await;
    page.sees("joined", "connected", "connected", &["connected"]).await;
    page.order(json!({ "do": "hold", "party": "third" })).await;
    page.sees("the third party held", "connected", "connected", &["hold"]).await;
    page.order(json!({ "do": "resume", "party": "third" })).await;
    page.sees("and resumed", "connected", "connected", &["connected"]).await;
    page.order(json!({ "do": "digits", "party": "third", "digits": "12#" })).await;
    billing.expect_digits("12#", SOON).await.unwrap();
    page.order(json!({ "do": "hold", "party": "agent" })).await;
    page.sees("the agent held", "hold", "connected", &["connected"]).await;
    page.order(json!({ "do": "resume", "party": "agent" })).await;
    page.order(json!({ "do": "destroy", "party": "third" })).await;
    let seen = page.sees("the third party dropped", "connected", "connected", &["disconnected"]).await;
    assert_eq!(seen["active"], 2);

    page.order(json!({ "do": "add", "name": "Branch 00007" })).await;
    let branch = call.expect_third_party(SOON).await.unwrap();
    branch.busy().unwrap();
    page.sees("a busy branch", "connected", "hold", &["disconnected", "disconnected"]).await;
    page.order(json!({ "do": "add", "name": "Billing desk" })).await;
    let billing = call.expect_third_party(SOON).await.unwrap();
    billing.answer().unwrap();
    page.sees("billing again", "connected", "hold", &["disconnected", "disconnected", "connected"]).await;
    page.order(json!({ "do": "destroy", "party": "agent" })).await;
    page.sees("the agent has left", "disconnected", "disconnected", &["disconnected"; 3]).await;
    page.sim.agent("agent.one").expect_state("AfterCallWork", SOON).await.unwrap();
    assert_eq!((call.customer().state(), billing.state()), ("connected", "connected"), "the others talk on");
    page.order(json!({ "do": "clear" })).await;
    page.sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();
    let reports = page.sim.page_reports();
    let error = reports.iter().find(|r| r.body["event"] == "script-error");
    assert!(error.is_none(), "no script error: {error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_works_on_tasks_and_emails() {
    let mut page = Ordered::start(SimOptions { directory: QuickConnect::one_of_each(), ..options() }).await;
    let task = page.sim.offer_task(OfferTask { template: Some(("t-1".to_owned(), 2)), ..OfferTask::default() });
    let task = task.await.unwrap();
    let id = task.contact_id().to_owned();
    let seen = page.shows(&id, "connecting", |_| true).await;
    assert_eq!(seen["type"], "task");
    assert_eq!(seen["name"], "Call customer one back");
    assert_eq!(seen["description"], "The customer asked about invoice 1001");
    assert_eq!(seen["references"]["Invoice"]["value"], "https://crm.example.com/invoice/1001");
    assert_eq!(seen["context"]["taskTemplateId"], "t-1");
    page.order(json!({ "do": "accept" })).await;
    page.shows(&id, "connected", |_| true).await;
    page.order(json!({ "do": "pause" })).await;
    page.shows(&id, "paused", |_| true).await;
    page.order(json!({ "do": "unpause" })).await;
    page.shows(&id, "connected", |_| true).await;
    page.give(json!({ "do": "endpoints" }));
    page.sim.expect_report("the endpoints", SOON, |r| r["event"] == "endpoints").await.unwrap();
    page.hears_of(&task, "expiring", || task.warn_of_expiry().unwrap()).await;
    page.order(json!({ "do": "add", "name": "Agent Two" })).await;
    page.hears_of(&task, "transfer succeeded", || ()).await;
    task.expect_transferred(SOON).await.unwrap();
    page.shows(&id, "ended", |_| true).await;
    page.order(json!({ "do": "clear" })).await;
    page.sim.expect_work("agent.two", SOON).await.unwrap();

    let token = "3f8a2c1e-0000-4000-8000-000000000001";
    let order = json!({ "do": "create-task", "name": "Agent Two", "task": {
        "name": "Call back", "idempotencyToken": token,
        "references": { "order": { "type": "URL", "value": "https://example.com/o/17" } },
    } });
    page.order(order.clone()).await;
    let made = page.sim.expect_work("agent.two", SOON).await.unwrap();
    assert_eq!(made.task().unwrap().name, "Call back", "the library's own form was understood");
    page.order(order).await;
    let ids: Vec<Value> = page
        .sim
        .page_reports()
        .iter()
        .filter(|r| r.body["event"] == "create-task-done")
        .map(|r| r.body["contactId"].clone())
        .collect();
    assert_eq!(ids, [json!(made.contact_id()), json!(made.contact_id())], "one task for one token");

    let email = page.sim.offer_email(OfferEmail::to("agent.one")).await.unwrap();
    let id = email.contact_id().to_owned();
    let seen = page.shows(&id, "connecting", |_| true).await;
    assert_eq!((&seen["type"], &seen["from"]), (&json!("email"), &json!("customer.one@example.com")));
    page.order(json!({ "do": "accept" })).await;
    page.shows(&id, "connected", |_| true).await;
    page.order(json!({ "do": "destroy", "party": "agent" })).await;
    email.expect_ended(SOON).await.unwrap();
    page.order(json!({ "do": "clear" })).await;
    let task = page.sim.offer_task(OfferTask::default()).await.unwrap();
    page.shows(task.contact_id(), "connecting", |_| true).await;
    page.hears_of(&task, "expiring", || task.warn_of_expiry().unwrap()).await;
    page.order(json!({ "do": "reject" })).await;
    task.expect_rejected(SOON).await.unwrap();
    page.no_script_error();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_calls_back_and_changes_to_a_desk_phone() {
    let mut page = Ordered::start(options()).await;
    let call = page.sim.offer_callback(OfferCall::default(), OutboundAnswer::Never).await.unwrap();
    let id = call.contact_id().to_owned();
    let seen = page.shows(&id, "incoming", |_| true).await;
    assert_eq!((&seen["type"], &seen["softphone"]), (&json!("queue_callback"), &json!(false)), "nothing to hear yet");
    page.order(json!({ "do": "accept" })).await;
    let seen = page.shows(&id, "connecting", |_| true).await;
    assert_eq!(seen["softphone"], true, "now there is media");
    call.answer().unwrap();
    page.shows(&id, "connected", |_| true).await;
    page.order(json!({ "do": "destroy", "party": "agent" })).await;
    call.expect_ended_by_agent(SOON).await.unwrap();
    page.shows(&id, "ended", |_| true).await;
    page.order(json!({ "do": "clear" })).await;
    page.sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();

    let change = json!({ "softphoneEnabled": false, "extension": "+12025550199" });
    page.order(json!({ "do": "configure", "change": change })).await;
    let shown = async {
        loop {
            page.give(json!({ "do": "configuration" }));
            let changed = |r: &Value| r["event"] == "configuration" && r["extension"] == "+12025550199";
            if let Ok(report) = page.sim.expect_report("it", Duration::from_secs(1), changed).await {
                return report.body;
            }
        }
    };
    let shown = tokio::time::timeout(SOON, shown).await.expect("the change shows");
    assert_eq!(shown["softphone"], false, "the library took it over");
    let call = page.sim.offer_call(OfferCall::default()).await.unwrap();
    let seen = page.shows(call.contact_id(), "connecting", |_| true).await;
    assert_eq!(seen["softphone"], false, "it rings at the desk");
    call.answer_at_desk_phone().unwrap();
    page.shows(call.contact_id(), "connected", |_| true).await;
    page.no_script_error();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_supervises() {
    let two = AgentOptions { auto_accept: false, ..AgentOptions::two() };
    let mut page = Ordered::start(SimOptions { agents: vec![AgentOptions::one(), two], ..options() }).await;
    let call = page.sim.offer_call(OfferCall::to("agent.two")).await.unwrap();
    page.sim.accept_for_agent(&call).unwrap();
    let part = page.sim.monitor(&call, "agent.one").await.unwrap();
    let id = part.contact_id().to_owned();
    let seen = page.shows(&id, "connected", |r| r["agent"] == "silent_monitor").await;
    let wanted = json!({ "silent": true, "barge": false, "canBarge": true, "status": "SILENT_MONITOR" });
    assert_eq!(seen["monitor"], wanted, "as the library reads it");
    page.order(json!({ "do": "barge" })).await;
    let seen = page.shows(&id, "connected", |r| r["agent"] == "barge").await;
    assert_eq!(seen["monitor"]["barge"], true);
    page.order(json!({ "do": "listen" })).await;
    page.shows(&id, "connected", |r| r["agent"] == "silent_monitor").await;
    page.order(json!({ "do": "destroy", "party": "agent" })).await;
    page.shows(&id, "ended", |_| true).await;
    page.order(json!({ "do": "clear" })).await;

    // Seen from the other side: the library's agent is supervised.
    let call = page.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    page.sim.accept_for_agent(&call).unwrap();
    page.shows(call.contact_id(), "connected", |r| r["supervised"] == false).await;
    let part = page.sim.monitor(&call, "agent.two").await.unwrap();
    page.sim.barge_in(&part).unwrap();
    page.shows(call.contact_id(), "connected", |r| r["supervised"] == true).await;
    page.no_script_error();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_learns_which_region_serves_and_leaves_the_other() {
    let mut page = Ordered::start(options()).await;
    let (own, other) = (page.sim.instance_arn(), SECOND_INSTANCE);
    page.give(json!({ "do": "recover", "own": own, "other": other }));
    let told = page.sim.expect_report("the serving region", SOON, |r| r["event"] == "failover").await.unwrap().body;
    assert_eq!(told["nextActiveArn"], own, "this one serves");
    assert_eq!(page.sim.requests_of("agent-discovery").len(), 1, "the pre-signed address was read");
    drop(page);

    let mut page = Ordered::start(options()).await;
    page.sim.set_active_instance(other, true);
    let call = page.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    call.expect_offered(SOON).await.unwrap();
    page.give(json!({ "do": "recover", "own": own, "other": other }));
    let leaves = |r: &Value| r["event"] == "failover" && r["nextActiveArn"] == other;
    page.sim.expect_report("the move to the other region", SOON, leaves).await.unwrap();
    page.sim.agent("agent.one").expect_state("Offline", SOON).await.expect("the vendor's client goes offline there");
}
