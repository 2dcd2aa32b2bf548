//! Customers of Expertflow CX: records, search, linking, and what they did before.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim};

use crate::desk::{Desk, SOON, rest, same_shape};
use crate::wire::fixture;

const LIST: &str = "/cim-customer/customers";
const TOPICS: &str = "/conversation-manager/customer-topics";

async fn start() -> (ExpertflowSim, Desk) {
    let sim = ExpertflowSim::start(ExpertflowOptions::default()).await.expect("it starts");
    let adams = Desk::open(&sim, "adams").await;
    (sim, adams)
}

async fn ask(desk: &Desk, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let answer = rest(&desk.base, method, path, &desk.token, body).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

fn names(page: &Value) -> Vec<&str> {
    page["docs"].as_array().unwrap().iter().filter_map(|row| row["firstName"].as_str()).collect()
}

#[tokio::test]
async fn customers_come_in_pages_sorted_and_by_parts_of_what_is_known() {
    let (sim, adams) = start().await;
    let all = sim.options().customers.len();
    assert!(all >= 30);
    let first = adams.get(&format!("{LIST}?limit=10&offset=0&sort=firstName:asc")).await;
    same_shape(&first["docs"][0], &fixture("expertflow/customer.json"), "customer");
    assert_eq!((first["totalDocs"].as_u64(), first["hasNextPage"].as_bool()), (Some(all as u64), Some(true)));
    let mut seen: Vec<String> = Vec::new();
    for offset in (0..=all).step_by(10) {
        let page = adams.get(&format!("{LIST}?limit=10&offset={offset}&sort=firstName:asc")).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), all, "offset counts rows");
    assert!(seen.is_sorted(), "{seen:?}");
    let past_the_end = adams.get(&format!("{LIST}?limit=10&offset=1000")).await;
    assert_eq!((names(&past_the_end).len(), past_the_end["hasNextPage"].as_bool()), (0, Some(false)));
    let down = adams.get(&format!("{LIST}?limit=1&sort=firstName:desc")).await;
    assert_eq!(names(&down), [seen.last().unwrap().as_str()]);

    let found = adams.get(&format!("{LIST}?paginateQuery=firstName:mARIA")).await;
    assert_eq!(names(&found), ["Maria Exemplar"; 3], "three people of one name");
    let found = adams.get(&format!("{LIST}?paginateQuery=phoneNumber:555010")).await;
    assert_eq!(names(&found).len(), 9, "part of a number");
    let found = adams.get(&format!("{LIST}?paginateQuery=labels:vip&limit=50")).await;
    assert!(names(&found).contains(&"Chris Sample") && !names(&found).contains(&"Farah Example"), "{found}");
    let found = adams.get(&format!("{LIST}?paginateQuery=firstName:nobody")).await;
    assert_eq!((names(&found).len(), found["totalDocs"].as_u64()), (0, Some(0)));

    let by = |channel: &str, identifier: &str| {
        format!("{LIST}?channelType={channel}&customerChannelIdentifier={}", identifier.replace('+', "%2B"))
    };
    assert_eq!(names(&adams.get(&by("WHATSAPP", "+12025550145")).await), ["Farah Example"]);
    assert!(names(&adams.get(&by("WHATSAPP", "+1202555014")).await).is_empty(), "the whole of it");
    let anonymous = adams.get(&by("WEB", "browser-4b1f")).await;
    assert_eq!(anonymous["docs"][0]["isAnonymous"], true);
    for bad in [
        "?limit=0",
        "?limit=x",
        "?offset=-1",
        "?sort=firstName",
        "?sort=firstName:up",
        "?sort=nothing:asc",
        "?paginateQuery=firstName",
        "?paginateQuery=nothing:a",
        "?channelType=WEB",
        "?customerChannelIdentifier=1",
    ] {
        assert_eq!(ask(&adams, "GET", &format!("{LIST}{bad}"), &Value::Null).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_schema_says_how_records_are_shown_and_kept() {
    let (sim, adams) = start().await;
    let schema = adams.get("/cim-customer/customerSchema").await;
    same_shape(&schema, &fixture("expertflow/customer_schema.json"), "schema");
    let rows = schema.as_array().unwrap();
    let order: Vec<u64> = rows.iter().filter_map(|row| row["sortOrder"].as_u64()).collect();
    assert!(order.len() == rows.len() && !order.is_sorted(), "clients have to sort: {order:?}");
    let row = |key: &str| rows.iter().find(|row| row["key"] == key).unwrap();
    assert_eq!(
        (row("whatsapp")["isChannelIdentifier"].as_bool(), row("tier")["isPii"].as_bool()),
        (Some(true), Some(false))
    );

    let new = json!({ "firstName": "Vera Neu", "phoneNumber": ["+12025550150"], "tier": "basic" });
    let (status, made) = ask(&adams, "POST", LIST, &new).await;
    assert_eq!((status, made["isAnonymous"].as_bool(), made["__v"].as_u64()), (201, Some(false), Some(0)));
    let path = format!("{LIST}/{}", made["_id"].as_str().unwrap());
    let label = sim.options().labels[1].clone();
    let (status, changed) = ask(&adams, "PUT", &path, &json!({ "tier": "gold", "labels": [label["_id"]] })).await;
    assert_eq!((status, changed["tier"].as_str(), changed["__v"].as_u64()), (200, Some("gold"), Some(1)));
    assert_eq!((&changed["labels"][0], changed["firstName"].as_str()), (&label, Some("Vera Neu")));
    assert_eq!(adams.get(&path).await, changed);
    for (body, status) in [
        (json!({ "shoeSize": "44" }), 400),
        (json!({ "firstName": "" }), 400),
        (json!({ "tier": "x".repeat(51) }), 400),
        (json!({ "phoneNumber": "+12025550150" }), 400),
        (json!({ "labels": ["no such label"] }), 400),
        (json!({ "_id": "68a10000000000000000d001" }), 400),
        (json!(["a"]), 400),
        (json!({ "web": ["+12025550145"] }), 409),
    ] {
        assert_eq!(ask(&adams, "PUT", &path, &body).await.0, status, "{body}");
    }
    assert_eq!(adams.get(&path).await, changed, "nothing of that was kept");
    assert_eq!(ask(&adams, "POST", LIST, &json!({ "tier": "gold" })).await.0, 400, "a name is required");
    assert_eq!(ask(&adams, "DELETE", &path, &Value::Null).await.0, 200);
    assert_eq!(ask(&adams, "GET", &path, &Value::Null).await.0, 404);
    assert_eq!(ask(&adams, "PUT", &path, &json!({ "tier": "x" })).await.0, 404);
    assert_eq!(ask(&adams, "GET", &format!("{LIST}/17"), &Value::Null).await.0, 400);
}

#[tokio::test]
async fn the_past_comes_in_pages_until_one_is_empty() {
    let (sim, adams) = start().await;
    let id = |name: &str| {
        let row = sim.options().customers.iter().find(|row| row["firstName"] == name).cloned().unwrap();
        row["_id"].as_str().unwrap().to_owned()
    };
    let page = async |customer: &str, rest: &str| {
        let docs = adams.get(&format!("{TOPICS}/customer/{customer}/activities?{rest}")).await["docs"].clone();
        docs.as_array().unwrap().clone()
    };
    let farah = id("Farah Example");
    let first = page(&farah, "limit=25&offset=0&activity-type=ALL").await;
    let sample = fixture("expertflow/past_activities.json");
    for name in ["CHANNEL_SESSION_STARTED", "CUSTOMER_MESSAGE"] {
        let find = |docs: &[Value]| docs.iter().find(|event| event["name"] == name).cloned().unwrap();
        same_shape(&find(&first), &find(sample["docs"].as_array().unwrap()), name);
    }
    let mut all = first;
    for (offset, count) in [(1, 25), (2, 10), (3, 0), (4, 0)] {
        let docs = page(&farah, &format!("limit=25&offset={offset}&activity-type=ALL")).await;
        assert_eq!(docs.len(), count, "page {offset}");
        all.extend(docs);
    }
    let times: Vec<&str> = all.iter().filter_map(|event| event["timestamp"].as_str()).collect();
    assert!(times.len() == 60 && times.is_sorted_by(|a, b| a >= b), "newest first");
    let ids: std::collections::BTreeSet<&str> = all.iter().filter_map(|event| event["id"].as_str()).collect();
    let talks: std::collections::BTreeSet<&str> = all.iter().filter_map(|e| e["conversationId"].as_str()).collect();
    assert_eq!((ids.len(), talks.len()), (60, 10));
    let messages = page(&farah, "limit=100&offset=0&activity-type=MESSAGE").await;
    assert!(messages.len() == 40 && messages.iter().all(|event| event["type"] == "MESSAGE"));
    assert!(page(&id("Milo Prototype"), "limit=25&offset=0").await.is_empty(), "a new customer has no past");
    let path = format!("{TOPICS}/customer/{farah}/activities?limit=0");
    assert_eq!(ask(&adams, "GET", &path, &Value::Null).await.0, 400);
}

#[tokio::test]
async fn another_customer_is_linked_and_gets_the_past_of_the_unknown_one() {
    let (sim, mut adams) = start().await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    let unknown = CustomerOffer::of("Anonymous", "Web Care").number("browser-77").anonymous();
    let before = sim.customer_chats(unknown.clone().saying("Is anybody there?")).unwrap();
    let topic = adams.take().await;
    adams.leave(&topic);
    before.customer_leaves();
    let chat = sim.customer_chats(unknown.saying("Me again")).unwrap();
    let topic = adams.take().await;
    brown.ready().await;
    adams.ask_for("directConferenceRequest", &topic, "queue", "Billing");
    brown.take().await;
    let current = topic["topicData"]["customer"].clone();
    assert_eq!((&current["isAnonymous"], &current["_id"]), (&json!(true), &before.customer()["_id"]));

    let known = sim.options().customers[8].clone();
    let id = known["_id"].as_str().unwrap();
    let link = format!("{TOPICS}/{}/update-customer", chat.id());
    assert_eq!(ask(&adams, "PUT", &link, &json!({ "_id": id, "firstName": "made up" })).await.0, 200);
    for desk in [&mut adams, &mut brown] {
        let told = desk.cim("ASSOCIATED_CUSTOMER_CHANGED").await;
        same_shape(&told, &fixture("expertflow/cimEvent.ASSOCIATED_CUSTOMER_CHANGED.json"), "changed");
        assert_eq!(told["data"], known, "as the service keeps it, to everybody");
    }
    assert_eq!((chat.customer(), chat.facts().linked), (known.clone(), vec![id.to_owned()]));
    chat.customer_writes("Yes, that is me").unwrap();
    let message = adams.cim("CUSTOMER_MESSAGE").await;
    assert_eq!(message["data"]["header"]["customer"], known);

    let past = format!("{TOPICS}/update-past-conversations");
    let count = async |customer: &Value, conversation: &str| {
        let customer = customer["_id"].as_str().unwrap();
        let docs = adams.get(&format!("{TOPICS}/customer/{customer}/activities?limit=200&offset=0")).await;
        docs["docs"].as_array().unwrap().iter().filter(|event| event["conversationId"] == conversation).count()
    };
    assert_eq!(count(&known, before.id()).await, 0, "linking moves one conversation");
    assert!(count(&current, before.id()).await > 0 && count(&known, chat.id()).await > 0);
    let body = json!({ "currentCustomer": current, "newCustomer": known });
    assert_eq!(ask(&adams, "PUT", &past, &body).await.0, 200);
    assert!(count(&known, before.id()).await > 0);
    assert_eq!(count(&current, before.id()).await, 0);
    // Those of before this run go along too.
    let (from, to) = (&sim.options().customers[0], &sim.options().customers[1]);
    let body = json!({ "currentCustomer": from, "newCustomer": to });
    assert_eq!(ask(&adams, "PUT", &past, &body).await.0, 200);
    let all = async |row: &Value| {
        let path = format!("{TOPICS}/customer/{}/activities?limit=200", row["_id"].as_str().unwrap());
        adams.get(&path).await["docs"].as_array().unwrap().len()
    };
    assert_eq!((all(from).await, all(to).await), (0, 120));

    let none = json!({ "_id": "68a1000000000000000000ff" });
    let elsewhere = format!("{TOPICS}/68a1000000000000000000ff/update-customer");
    for (path, body, status) in [
        (&link, json!({}), 400),
        (&link, none.clone(), 404),
        (&elsewhere, known.clone(), 404),
        (&past, json!({ "newCustomer": known }), 400),
        (&past, json!({ "currentCustomer": none, "newCustomer": known }), 404),
        (&past, json!({ "currentCustomer": known, "newCustomer": none }), 404),
    ] {
        assert_eq!(ask(&adams, "PUT", path, &body).await.0, status, "{path} {body}");
    }
}

#[tokio::test]
async fn all_of_it_wants_a_token_and_fails_where_it_is_told_to() {
    let (sim, adams) = start().await;
    let id = sim.options().customers[0]["_id"].as_str().unwrap().to_owned();
    let some = json!({ "teamId": "x", "teams": [], "queues": [] });
    for (method, path) in [
        ("GET", LIST.to_owned()),
        ("GET", format!("{LIST}/{id}")),
        ("PUT", format!("{LIST}/{id}")),
        ("DELETE", format!("{LIST}/{id}")),
        ("GET", "/cim-customer/customerSchema".to_owned()),
        ("GET", "/cim-customer/label".to_owned()),
        ("PUT", format!("{TOPICS}/x/update-customer")),
        ("PUT", format!("{TOPICS}/update-past-conversations")),
        ("GET", format!("{TOPICS}/customer/{id}/activities")),
        ("POST", "/realtime-reports/queued-chats/detail".to_owned()),
        ("POST", "/realtime-reports/queue-active-chats/detail".to_owned()),
        ("GET", "/realtime-reports/bot-active-chats/detail".to_owned()),
        ("POST", "/realtime-reports/agent-activity/detail".to_owned()),
        ("GET", "/team-announcement/announcement/?teamIds=x&status=active".to_owned()),
        ("POST", "/team-announcement/announcement".to_owned()),
        ("PUT", "/team-announcement/announcement/seenStatus/x".to_owned()),
        ("GET", "/unified-admin/pull-mode-list".to_owned()),
    ] {
        assert_eq!(rest(&sim.base_url(), method, &path, "", &some).await.status, 401, "{path}");
        let service = path.split('?').next().unwrap_or_default();
        sim.fail_path(service, 503, 1);
        assert_eq!(ask(&adams, method, &path, &some).await.0, 503, "{path}");
        sim.fail_path(service, 503, 0);
    }
    // What the desk's own web host serves is open, in two languages of three categories each.
    let words = rest(&sim.base_url(), "GET", "/assets/canned-messages/canned-messages.json", "", &Value::Null).await;
    let words = words.json();
    for language in ["en", "de"] {
        let categories = words[language].as_object().unwrap();
        assert_eq!(categories.len(), 3);
        assert!(categories.values().all(|texts| texts.as_array().is_some_and(|texts| texts.len() > 1)));
    }
    sim.slow_down(Duration::from_millis(300));
    let asked = std::time::Instant::now();
    adams.get(LIST).await;
    assert!(asked.elapsed() >= Duration::from_millis(290));
    sim.slow_down(Duration::ZERO);
}

#[tokio::test]
async fn what_the_bot_has_alone_is_listed_and_places_and_contacts_reach_the_customer_whole() {
    let (sim, mut adams) = start().await;
    let waits = sim.customer_waits_in("Back office", CustomerOffer::of("Ivo Placeholder", "")).unwrap();
    let rows = adams.get("/realtime-reports/bot-active-chats/detail").await;
    assert_eq!(
        (rows[0]["botName"].as_str(), rows[0]["chats"][0]["conversationId"].as_str()),
        (Some("Rasa"), Some(waits.id()))
    );
    adams.ready().await;
    let chat = sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care")).unwrap();
    let topic = adams.take().await;
    let place = json!({ "type": "LOCATION", "markdownText": null, "location": { "latitude": 48.2082, "longitude": 16.3738 },
                        "additionalDetails": { "name": "Office", "address": "Example street 1", "url": null } });
    let card = json!({ "type": "CONTACT", "markdownText": null, "contacts": [{
        "name": { "formattedName": "Pat Sample", "additionalNameDetails": {} },
        "phones": [{ "phone": "+15550199", "additionalPhoneDetails": {} }], "additionalContactDetails": {} }] });
    for body in [&place, &card] {
        let id = adams.say(&topic, "AGENT_MESSAGE", body);
        assert_eq!(adams.cim("AGENT_MESSAGE").await["data"]["body"], *body);
        chat.expect("it to be kept", SOON, |_| {
            chat.messages().iter().any(|m| m.id == id && m.body == *body).then_some(())
        })
        .await
        .unwrap();
    }
    adams.say(&topic, "AGENT_MESSAGE", &json!({ "type": "LOCATION", "location": { "latitude": "north" } }));
    assert_eq!(adams.event("errors").await["msg"], "the body lacks what its type has");
    assert_eq!(chat.messages().len(), 2);
}
