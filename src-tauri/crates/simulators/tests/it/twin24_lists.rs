//! Lists: pages, order, filters, members.

use serde_json::{Value, json};
use trunkline_simulators::twin24::{ClientOffer, TimestampForm};

use crate::twin24_console::{ANNA, Console, start};

fn names(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_archive_is_paged_sorted_and_searched() {
    let sim = start(|_| {}).await;
    sim.finished(1000);
    let anna = Console::signed_in(&sim, ANNA).await;
    let first = anna.get("/sessions").await;
    assert_eq!(
        (&first["count"], first["items"].as_array().unwrap().len()),
        (&json!(1000), 50),
        "fifty without a limit"
    );
    let ids = |list: &Value| -> Vec<Value> {
        list["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };
    let (by_offset, by_page) =
        (anna.get("/sessions?limit=20&offset=40").await, anna.get("/sessions?limit=20&page=3").await);
    assert_eq!(ids(&by_offset), ids(&by_page));
    assert_eq!(anna.get("/sessions?limit=5000").await["items"].as_array().unwrap().len(), 500, "never more than that");
    assert_eq!(ids(&anna.get("/sessions?offset=2000").await).len(), 0);

    let sorted = anna.get("/sessions?sort=-startedAt,name&limit=3").await;
    let times: Vec<&str> =
        sorted["items"].as_array().unwrap().iter().map(|one| one["startedAt"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let upwards = anna.get("/sessions?sort=startedAt&limit=1").await["items"][0]["startedAt"].clone();
    assert!(upwards.as_str().unwrap() < times[0]);
    let after = anna
        .get(&format!("/sessions?sort=-startedAt&offsetField=startedAt&offsetValue={}", times[2].replace('+', "%2B")))
        .await;
    assert_eq!((&after["count"], after["items"].as_array().unwrap().len()), (&json!(997), 50), "what comes after");

    assert_eq!(names(&anna.get("/sessions?name=%D0%9C%D0%B0%D1%80%D0%B8%D1%8F&limit=1").await), ["Мария Кузнецова"]);
    let found = anna.get("/sessions?keyword=%D0%BA%D1%83%D1%80%D1%8C%D0%B5%D1%80").await;
    assert_eq!(found["count"], 250, "in the words, whatever their case");
    assert_eq!(anna.get("/sessions?operatorId=43").await["count"], 0);
    assert_eq!(anna.get("/sessions?operatorId=42&status=CLOSED&botStatus=stopped").await["count"], 1000);
    let bounded = anna.get(&format!("/sessions?from={0}&to={0}", times[1].replace('+', "%2B"))).await;
    assert_eq!(bounded["count"], 1);
    for bad in ["limit=x", "offset=-1", "page=1.5", "from=yesterday"] {
        assert_eq!(anna.ask("GET", &format!("/sessions?{bad}"), &Value::Null).await.status, 422, "{bad}");
    }
    let slim = anna.get("/sessions?fields=id,name&limit=1").await["items"][0].clone();
    assert_eq!(slim.as_object().unwrap().len(), 2, "{slim}");
    assert_eq!(anna.get("/sessions?withoutCount=true&offset=5000").await, json!({ "items": [] }));
    assert_eq!(anna.get("/sessions?withoutItems=1").await, json!({ "count": 1000 }));
}

#[tokio::test]
async fn sessions_and_messages_are_filtered() {
    let sim = start(|_| {}).await;
    let anna = Console::open(&sim, ANNA).await;
    let mine = sim.client_starts(ClientOffer::named("Иван").saying("Где заказ?")).unwrap();
    let help = sim.client_starts(ClientOffer::named("Ольга").in_help()).unwrap();
    let bot = sim.client_starts(ClientOffer::named("Пётр").with_bot("Здравствуйте")).unwrap();
    let mut again = ClientOffer::named("Иван").in_help();
    again.client = Some(mine.client_id());
    sim.client_starts(again).unwrap();
    let mut tagged = ClientOffer::named("Тимур").to_group("Billing").in_help();
    tagged.tags = "возврат, чек".to_owned();
    sim.client_starts(tagged).unwrap();
    let count = async |query: &str| anna.get(&format!("/sessions?{query}")).await["count"].as_u64().unwrap();
    assert_eq!(count("").await, 5);
    assert_eq!(count("operatorId=42").await, 1);
    assert_eq!(count("operatorId=").await, 5, "an empty filter is none");
    assert_eq!(count("botStatus=active").await, 1);
    assert_eq!(count("chatId=chat-4").await, 1);
    assert_eq!(count("tags=%D1%87%D0%B5%D0%BA").await, 1);
    assert_eq!(count("groupByClientId=true").await, 4);
    assert_eq!(count(&format!("sessionId={}", help.id())).await, 1);
    assert_eq!(count("operatorType=OPERATOR").await, 1);
    assert_eq!(count("markedAsSpam=true").await, 0);
    anna.done("PATCH", &format!("/sessions/{}/spam", bot.id())).await;
    assert_eq!((count("markedAsSpam=true").await, count("markedAsSpam=false").await), (1, 4));
    anna.done("PATCH", &format!("/clients/{}/ban", mine.client_id())).await;
    assert_eq!(count("clientBanned=true").await, 2, "both sessions of that client");
    anna.writes(mine.id(), "Смотрю").await;
    let of_session = anna.get(&format!("/sessions/{}/messages?sort=-createdAt", mine.id())).await;
    let of_client = anna.get(&format!("/clients/{}/messages", mine.client_id())).await;
    assert_eq!((&of_session["count"], &of_client["count"]), (&json!(2), &json!(2)));
    assert_eq!(anna.get(&format!("/sessions/{}/messages?to=2020-01-01T00:00:00Z", mine.id())).await["count"], 0);
    for path in ["/sessions/nope", "/sessions/nope/messages", "/clients/nope/messages"] {
        assert_eq!(anna.ask("GET", path, &Value::Null).await.status, 404, "{path}");
    }
    let users = anna.get("/users?keyword=bor").await;
    assert_eq!(users, json!({ "count": 1, "items": [{ "id": 43, "name": "Boris", "status": "offline" }] }));
}

#[tokio::test]
async fn guessed_forms_can_be_others() {
    let sim = start(|options| {
        options.bare_lists = true;
        options.timestamp_form = TimestampForm::Object;
        options.fractional_times = true;
    })
    .await;
    let anna = Console::signed_in(&sim, ANNA).await;
    assert_eq!(anna.get("/groups").await.as_array().unwrap().len(), 2);
    assert_eq!(anna.get("/users").await[0]["name"], "Anna Petrova");
    assert!(anna.get("/timestamp").await["timestamp"].is_i64());
    let session = sim.client_starts(ClientOffer::named("Иван")).unwrap();
    assert_eq!(session.value()["startedAt"].as_str().unwrap().len(), "2026-11-21T08:00:00.000+00:00".len());
    for (form, hours) in [(TimestampForm::Seconds, 2), (TimestampForm::Millis, -2), (TimestampForm::Text, 0)] {
        let sim = start(|options| options.timestamp_form = form).await;
        let anna = Console::signed_in(&sim, ANNA).await;
        sim.set_clock_offset(hours * 3600);
        let anna = if hours > 0 { Console::signed_in(&sim, ANNA).await } else { anna };
        let told = anna.get("/timestamp").await;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let now = i64::try_from(now).unwrap() + hours * 3600;
        match form {
            TimestampForm::Seconds => assert!((told.as_i64().unwrap() - now).abs() < 5, "{told}"),
            TimestampForm::Millis => assert!((told.as_i64().unwrap() / 1000 - now).abs() < 5, "{told}"),
            _ => assert!(told["serverTime"].as_str().unwrap().ends_with("+00:00"), "{told}"),
        }
    }
}
