//! The services beside the socket of Expertflow CX.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim, SecondFactor, WRAP_UP_FORM};

use crate::desk::{Desk, log_in, rest, same_shape};
use crate::wire::{fixture, request};

async fn start(options: ExpertflowOptions) -> ExpertflowSim {
    ExpertflowSim::start(options).await.expect("it starts")
}

async fn post(sim: &ExpertflowSim, path: &str, body: Value) -> (u16, Value) {
    let answer = rest(&sim.base_url(), "POST", path, "", &body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn logging_in_answers_as_recorded() {
    let sim = start(ExpertflowOptions::default()).await;
    let password = sim.options().password("clark");
    let (status, answer) =
        post(&sim, "/agent-manager/agent/login", json!({ "username": "clark", "password": password })).await;
    assert_eq!(status, 200);
    same_shape(&answer, &fixture("expertflow/login_response_supervisor.json"), "login");
    assert_eq!(answer["data"]["token"].as_str().unwrap().split('.').count(), 3, "a JWT");
    let (status, answer) =
        post(&sim, "/agent-manager/agent/login", json!({ "username": "clark", "password": "wrong" })).await;
    assert_eq!((status, answer), (401, fixture("expertflow/login_error.json")));
    for status in [403, 404, 408, 412] {
        let sim = start(ExpertflowOptions { login_refusal: Some(status), ..ExpertflowOptions::default() }).await;
        let (got, answer) = post(&sim, "/agent-manager/agent/login", json!({ "username": "x", "password": "y" })).await;
        assert_eq!((got, answer["statusCode"].as_u64()), (status, Some(u64::from(status))));
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_by_application_and_by_text_message() {
    let app = SecondFactor::App { registered: false };
    let sim = start(ExpertflowOptions { second_factor: app, ..ExpertflowOptions::default() }).await;
    let who = json!({ "username": "adams", "password": sim.options().password("adams") });
    let (_, answer) = post(&sim, "/agent-manager/agent/login", who.clone()).await;
    same_shape(&answer, &fixture("expertflow/login_response_2fa_register_app.json"), "2fa");
    let with = |code: &str| {
        let mut body = who.clone();
        body["otp"] = json!(code);
        body
    };
    assert_eq!(post(&sim, "/agent-manager/agent/validate-otp", with("000000")).await.0, 401);
    let (status, answer) = post(&sim, "/agent-manager/agent/validate-otp", with("123456")).await;
    assert_eq!((status, answer["data"]["keycloak_User"]["username"].as_str()), (200, Some("adams")));
    let (_, answer) = post(&sim, "/agent-manager/agent/login", who.clone()).await;
    assert_eq!(answer["data"]["is2FARegistered"], true, "now it is registered");

    let sms = SecondFactor::Sms { registered: false };
    let sim = start(ExpertflowOptions { second_factor: sms, ..ExpertflowOptions::default() }).await;
    let phone = json!({ "username": "adams", "phoneNumber": "12025550100" });
    let (_, answer) = post(&sim, "/agent-manager/agent/register-phone", phone).await;
    assert_eq!(answer["data"]["phoneNumber"], "+12025550100");
    assert_eq!(sim.codes_sent(), ["adams"]);
    let wrong = json!({ "username": "adams", "password": sim.options().password("adams"), "otp": "1" });
    assert_eq!(post(&sim, "/agent-manager/agent/validate-otp", wrong).await.0, 404);
}

#[tokio::test]
async fn tokens_end_and_are_refreshed() {
    let life = Duration::from_secs(3600);
    let sim = start(ExpertflowOptions { token_life: life, ..ExpertflowOptions::default() }).await;
    let data = log_in(&sim, "adams").await;
    let (token, refresh) = (data["token"].as_str().unwrap(), data["refresh_token"].as_str().unwrap());
    let ask =
        async |token: &str| rest(&sim.base_url(), "GET", "/unified-admin/reasons", token, &Value::Null).await.status;
    assert_eq!(ask("").await, 401);
    assert_eq!(ask(token).await, 200);
    sim.expire_tokens(false);
    assert_eq!(ask(token).await, 401);
    let (status, answer) = post(&sim, "/agent-manager/agent/refresh-token", json!({ "refreshToken": refresh })).await;
    assert_eq!(status, 200);
    same_shape(&answer, &fixture("expertflow/refresh_token_response.json"), "refresh");
    assert_eq!(ask(answer["access_token"].as_str().unwrap()).await, 200);
    sim.expire_tokens(true);
    let (status, answer) = post(&sim, "/agent-manager/agent/refresh-token", json!({ "refreshToken": refresh })).await;
    assert_eq!((status, answer["status"].as_u64()), (400, Some(400)));
}

#[tokio::test]
async fn lists_have_the_recorded_shapes() {
    let sim = start(ExpertflowOptions::default()).await;
    let adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    brown.ready().await;
    let chat = sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care")).unwrap();
    let form = format!("/unified-admin/forms/{WRAP_UP_FORM}");
    let available =
        format!("/routing-engine/precision-queues/available-agents?conversationId={}&agentId={}", chat.id(), adams.id);
    for (path, name) in [
        ("/unified-admin/reasons", "reasons"),
        ("/unified-admin/agent-desk-settings", "agent_desk_settings"),
        ("/unified-admin/locale-setting", "locale_setting"),
        ("/unified-admin/pull-mode-list", "pull_mode_list"),
        (form.as_str(), "wrapup_form"),
        ("/routing-engine/precision-queues", "precision_queues"),
        (available.as_str(), "queues_available_agents"),
        ("/routing-engine/media-routing-domains", "media_routing_domains"),
        ("/cim-customer/customerSchema", "customer_schema"),
        ("/assets/canned-messages/canned-messages.json", "canned_messages"),
    ] {
        same_shape(&adams.get(path).await, &fixture(&format!("expertflow/{name}.json")), path);
    }
    brown.take().await;
    let tasks = adams.get(&format!("/routing-engine/tasks?agentId={}", brown.id)).await;
    same_shape(&tasks, &fixture("expertflow/tasks_by_agent.json"), "tasks");
    let path = "/routing-engine/precision-queues/available-agents";
    let missing = rest(&sim.base_url(), "GET", path, &adams.token, &Value::Null).await;
    assert_eq!(missing.status, 400, "both parameters are needed");
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let sim = start(ExpertflowOptions::default()).await;
    let token = log_in(&sim, "adams").await["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n\
                hello\r\n--b\r\nContent-Disposition: form-data; name=\"conversationId\"\r\n\r\nc1\r\n--b--\r\n";
    let up = async || request(&sim.base_url(), "POST", "/file-engine/api/uploadFileStream", &headers, body).await;
    let answer = up().await.unwrap();
    same_shape(&answer.json(), &fixture("expertflow/file_upload_response.json"), "upload");
    let path = format!("/file-engine/api/downloadFileStream?filename={}", answer.json()["name"].as_str().unwrap());
    let down = rest(&sim.base_url(), "GET", &path, &token, &Value::Null).await;
    assert_eq!((down.header("content-type"), down.body.as_str()), (Some("text/plain"), "hello"));
    sim.fail_uploads(503, 1);
    assert_eq!(up().await.unwrap().status, 503);
    sim.break_uploads(1);
    assert!(up().await.is_err_and(|_| true) || sim.files().len() == 1, "nothing is stored");
    assert_eq!(up().await.unwrap().status, 200);
}
