//! Members of the vendor's interface that no other test shows
//! (docs/connectors/amazon-connect-parity.toml).

use std::sync::Arc;
use std::time::Duration;

use crate::support::fixture::Fixture;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trunkline_connector::testing::{ConformanceFixture, Credentials, Ports, Seat, Seated};
use trunkline_connector::{Command, CommandRequest, Context, Ended, EventSink};
use trunkline_model::{AccountId, Channel, CommandId, LinkState};
use trunkline_testkit::{FakeLogin, FakePrograms, FakeVault};

#[test]
fn the_agents_profile_is_told_whole() {
    trunkline_connector::testing::run(async |log| {
        let fixture = Fixture::start().await;
        fixture.put_credentials(Seat::One, Credentials::Right).await;
        let mut seated = Seated::sit(&fixture, Seat::One, &log);
        seated.until_link(LinkState::Online).await;
        let agent = seated.picture.agent.clone().unwrap();
        let profile = &agent.routing_profile;
        assert_eq!(profile.concurrency.get(&Channel::Voice), Some(&1), "calls at once");
        assert_eq!(profile.concurrency.get(&Channel::Chat), Some(&3), "chats at once");
        assert!(!profile.queues.is_empty(), "queues of the profile");
        assert!(profile.default_outbound_queue.is_some(), "queue of outbound calls");
        assert!(agent.permissions.contains("outboundCall"), "rights by the platform's names: {:?}", agent.permissions);
        assert!(agent.softphone_enabled, "calls come to this program");
        seated.leave().await;
    });
}

#[tokio::test]
async fn the_login_window_begins_at_the_companys_start_page() {
    let settings = json!({
        "address": "http://127.0.0.1:9",
        "login_address": "https://sso.example.com/start?to=connect",
    });
    let settings = settings.as_object().unwrap().clone();
    let connector = (trunkline_amazon_connect::registration().build)(&settings).unwrap();
    let Ports { http, websocket, centrifugo, vault, media, clock, .. } =
        crate::support::ports(FakeVault::new(), crate::support::SdpMedia::default());
    let login = FakeLogin::new();
    let (sink, mut events) = mpsc::channel(256);
    let (commands, receiver) = mpsc::channel(16);
    let (_lookups, questions) = mpsc::channel(16);
    let cancel = CancellationToken::new();
    let context = Context {
        account: AccountId::from("account-one"),
        settings,
        commands: receiver,
        lookups: questions,
        events: EventSink::new(AccountId::from("account-one"), sink),
        http,
        websocket,
        centrifugo,
        vault,
        media,
        login: Arc::new(login.clone()),
        programs: Arc::new(FakePrograms::default()),
        clock,
        cancel: cancel.clone(),
        span: tracing::info_span!("account"),
    };
    let task = tokio::spawn(connector.run(context));
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let (reply, outcome) = oneshot::channel();
    let deadline = Instant::now() + Duration::from_secs(10);
    let request = CommandRequest { id: CommandId::from("sign-in"), deadline, command: Command::SignIn, reply };
    commands.send(request).await.unwrap();
    outcome.await.unwrap().expect("signing in begins");
    let begun = async {
        while login.pages().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), begun).await.expect("the window opens");
    let page = login.pages().remove(0);
    assert_eq!(page.start.as_str(), "https://sso.example.com/start?to=connect", "not at the panel's page");
    assert!(!page.done_paths.is_empty(), "and it is known where signing in ends");
    cancel.cancel();
    assert_eq!(task.await.unwrap(), Ended::Cancelled, "ended");
}
