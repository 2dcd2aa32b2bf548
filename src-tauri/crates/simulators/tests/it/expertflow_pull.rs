//! Pull lists of Expertflow CX.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim, PullList};

use crate::desk::{Desk, SOON, same_shape};
use crate::wire::fixture;

async fn start() -> (ExpertflowSim, PullList) {
    let sim = ExpertflowSim::start(ExpertflowOptions::default()).await.expect("it starts");
    let list = sim.options().pull_lists[0].clone();
    (sim, list)
}

fn customer() -> CustomerOffer {
    CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")
}

/// Next to come about one request: the type, and the request itself.
async fn told(desk: &mut Desk) -> (String, Value) {
    let told = desk.event("onPullModeSubscribedListRequest").await;
    let recorded = fixture("expertflow/onPullModeSubscribedListRequest.json");
    same_shape(&told, &recorded, "onPullModeSubscribedListRequest");
    let inner = |told: &Value| -> Value { serde_json::from_str(told["pullModeEvent"].as_str().unwrap()).unwrap() };
    let request = inner(&told);
    same_shape(&request, &inner(&recorded), "pullModeEvent");
    (told["type"].as_str().unwrap().to_owned(), request)
}

async fn subscribed(desk: &mut Desk, list: &PullList) -> Value {
    desk.event("onPullModeSubscribedList").await;
    desk.list("subscribePullModeList", &list.id, &list.name);
    assert_eq!(desk.event("onPullModeSubscribedList").await[0]["id"], list.id.as_str());
    desk.event("addPullModeSubscribedListRequests").await
}

#[tokio::test]
async fn requests_reach_who_watches_the_list_and_are_taken_once() {
    let (sim, list) = start().await;
    let (mut adams, mut brown) = (Desk::open(&sim, "adams").await, Desk::open(&sim, "brown").await);
    let before = sim.customer_waits_in(&list.name, customer()).unwrap();
    let rows = subscribed(&mut adams, &list).await;
    same_shape(&rows, &fixture("expertflow/addPullModeSubscribedListRequests.json"), "requests");
    assert_eq!((rows[0]["status"].as_str(), rows[0]["listId"].as_str()), (Some("CREATED"), Some(list.id.as_str())));
    assert_eq!(rows[0]["channelSession"]["conversationId"], before.id());
    subscribed(&mut brown, &list).await;

    let chat = sim.customer_waits_in(&list.id, customer()).unwrap();
    let (kind, request) = told(&mut adams).await;
    assert_eq!((kind.as_str(), request["status"].as_str()), ("PULL_MODE_LIST_REQUEST_RECEIVED", Some("CREATED")));
    told(&mut brown).await;
    assert_eq!(sim.pull_requests(&list.name).len(), 2);
    assert_eq!(chat.pull_request().unwrap().id, request["id"].as_str().unwrap());
    adams.take_pulled(&request);
    let topic = adams.event("onTopicData").await;
    assert_eq!((topic["conversationId"].as_str(), topic["taskId"].as_str()), (Some(chat.id()), None));
    let (kind, taken) = told(&mut brown).await;
    assert_eq!((kind.as_str(), taken["status"].as_str()), ("PULL_MODE_LIST_REQUEST_STATE_CHANGED", Some("JOINED")));
    brown.take_pulled(&request);
    assert_eq!(brown.event("errors").await["msg"], "somebody else has taken the request");
    brown.emit("deletePullModeRequest", &request["id"]);
    assert_eq!(brown.event("errors").await["task"], "deletePullModeRequest", "it is adams's to close");
    adams.write(&topic, "Here I am");
    chat.expect_message("Here I am", SOON).await.unwrap();

    // Who leaves without closing it leaves it to others.
    adams.leave(&topic);
    chat.expect_pull_status("CREATED", SOON).await.unwrap();
    let (kind, again) = told(&mut brown).await;
    assert_eq!((kind.as_str(), again["status"].as_str()), ("PULL_MODE_LIST_REQUEST_STATE_CHANGED", Some("CREATED")));
    brown.take_pulled(&again);
    let topic = brown.event("onTopicData").await;
    brown.emit("deletePullModeRequest", &request["id"]);
    chat.expect_pull_status("closing", SOON).await.unwrap();
    brown.leave(&topic);
    chat.expect_left("brown", SOON).await.unwrap();
    assert_eq!(chat.pull_request().unwrap().status, "closing", "what is closed does not come back");
    let by: Vec<(String, Option<String>)> = chat.facts().pulls.into_iter().map(|f| (f.status, f.agent)).collect();
    let agent = |name: &str| Some(name.to_owned());
    assert_eq!(
        by,
        [
            ("CREATED".to_owned(), None),
            ("JOINED".to_owned(), agent("adams")),
            ("CREATED".to_owned(), None),
            ("JOINED".to_owned(), agent("brown")),
            ("closing".to_owned(), agent("brown")),
        ]
    );
}

#[tokio::test]
async fn requests_go_with_their_customers_and_colleagues_take_some() {
    let (sim, list) = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    let _brown = Desk::open(&sim, "brown").await;
    subscribed(&mut adams, &list).await;
    let left = sim.customer_waits_in(&list.name, customer()).unwrap();
    told(&mut adams).await;
    left.customer_leaves();
    assert_eq!(told(&mut adams).await.1["status"], "closing");
    let taken = sim.customer_waits_in(&list.name, customer()).unwrap();
    let (_, request) = told(&mut adams).await;
    taken.colleague_takes("brown").unwrap();
    assert_eq!(told(&mut adams).await.1["status"], "JOINED");
    adams.take_pulled(&request);
    adams.event("errors").await;
    assert_eq!(taken.participants(), [("brown".to_owned(), "PRIMARY".to_owned())]);
    assert!(taken.colleague_takes("adams").unwrap_err().is_not_possible());
    // The one who has it is logged out: it waits again.
    sim.force_logout("brown").unwrap();
    assert_eq!(told(&mut adams).await.1["status"], "CREATED");
    adams.emit("deletePullModeRequest", &request["id"]);
    assert_eq!(told(&mut adams).await.1["status"], "closing");
    adams.take_pulled(&request);
    assert_eq!(adams.event("errors").await["msg"], "the request is gone");
    assert!(sim.customer_waits_in("Nowhere", customer()).is_err());
}

#[tokio::test]
async fn what_is_subscribed_to_outlasts_a_loss_and_ends_when_it_is_given_up() {
    let (sim, list) = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    subscribed(&mut adams, &list).await;
    let chat = sim.customer_waits_in(&list.name, customer()).unwrap();
    sim.drop_sockets();
    adams.event("closed").await;
    let mut adams = Desk::open(&sim, "adams").await;
    let rows = adams.event("pullModeSubscribedListRequests").await;
    assert_eq!(rows[0]["channelSession"]["conversationId"], chat.id());
    assert_eq!(adams.event("onPullModeSubscribedList").await[0]["name"], "Back office");
    adams.list("unsubscribePullModeList", &list.id, &list.name);
    assert_eq!(adams.event("onPullModeSubscribedList").await, json!([]));
    assert_eq!(adams.event("removePullModeSubscribedListRequests").await, list.id.as_str());
    adams.take_pulled(&rows[0]);
    assert_eq!(adams.event("errors").await["msg"], "the agent is not subscribed to the list");
    adams.list("unsubscribePullModeList", &list.id, &list.name);
    assert_eq!(adams.event("errors").await["task"], "unsubscribePullModeList");
    // The participant has to name the list too.
    adams.emit("subscribePullModeList", &json!({ "listId": list.id, "list": { "id": list.id }, "agentId": adams.id }));
    assert_eq!(adams.event("errors").await["task"], "subscribePullModeList");
    sim.customer_waits_in(&list.name, customer()).unwrap();
    assert!(!adams.hears("onPullModeSubscribedListRequest", Duration::from_millis(200)).await);
    assert!(sim.lists_of("adams").is_empty());
}
