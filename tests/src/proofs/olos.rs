//! What the readme of the vendor's client promises, feature by feature: the
//! connector at work on the simulated AgentHub, over real sockets.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tracing::instrument::WithSubscriber as _;
use trunkline_connector::ports::WallClock as _;
use trunkline_connector::{Command, Ended, Envelope, Event};
use trunkline_model::{Agent, EventSort, Link, LinkState, PlatformEvent, RosterEntry};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim, OnlineUser};
use trunkline_testkit::{FakeClock, FakeHttp, Stage, StageBuilder};

use crate::harness::app::top;

/// Where the description's examples are.
const FIXTURES: &str = "src-tauri/connectors/olos/tests/fixtures/olos-agenthub";
/// How long anything on a loopback may take before it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(15);
/// Long enough for something to happen that should not.
const QUIET: Duration = Duration::from_millis(300);

type Feature = (&'static str, fn() -> Pin<Box<dyn Future<Output = Result<String>> + Send>>);

macro_rules! features {
    ($($line:literal => $show:ident,)*) => { &[$(($line, || Box::pin($show())),)*] };
}

const FEATURES: &[Feature] = features! {
    "connects to a base URL with a token function, over WebSocket only, without polling" => connects,
    "the token function is called again at each connect after a disconnection" => token_function,
    "a token is checked for its form before connecting" => token_form,
    "a token's header has to name RS256" => token_algorithm,
    "a token's claims have to be there and not expired" => token_claims,
    "a token's signature is left to the server; a refusal comes without a reason" => token_signature,
    "\"connected\" with the agent's data" => connected,
    "\"disconnected\", once for each lost connection" => disconnected,
    "\"onlineUsers\" for administrators: the whole list at each change, one row a device" => online_users,
    "\"onlineUsers\" for nobody else" => online_users_of_agents,
    "\"onlineUsers\" as in the readme's example of an entry" => readme_roster,
    "every platform event by its name" => by_name,
    "the readme's example of an event, whole" => readme_event,
    "\"any\" for events of every name, also of unknown ones" => any,
    "reconnects by itself when the network fails" => network_failure,
    "reconnects by itself when the service is unavailable" => service_unavailable,
    "keeps the token valid: a new one before the old one expires" => renewal,
    "\"verbose\": a debug log, and no token in it" => verbose,
};

/// Runs it.
pub async fn run() -> Result<bool> {
    println!("--- olos");
    let (mut shown, mut failed) = (0, 0);
    for (line, show) in FEATURES {
        let began = Instant::now();
        // A task of its own: what the test kit expects in vain is a panic.
        let outcome = match tokio::spawn(show()).await {
            Ok(outcome) => outcome,
            Err(error) => Err(anyhow::anyhow!("{error}")),
        };
        let took = began.elapsed().as_secs_f32();
        match outcome {
            Ok(figure) => {
                shown += 1;
                println!("{took:7.2} s  ok    {line}  [{figure}]");
            }
            Err(error) => {
                failed += 1;
                println!("{took:7.2} s  FAIL  {line}  [{error:#}]");
            }
        }
    }
    println!("olos: {shown} of {} features, {failed} failed", FEATURES.len());
    Ok(failed == 0)
}

/// A connector at work on a simulator.
struct Seat {
    sim: OlosSim,
    stage: Stage,
    task: tokio::task::JoinHandle<Ended>,
}

impl Seat {
    /// With a token pasted into the form.
    async fn pasted() -> Result<Self> {
        let sim = OlosSim::start(OlosOptions::default()).await?;
        let token = sim.token("52");
        Self::on(sim, |_, builder| builder.secret("token", &token))
    }

    fn on(sim: OlosSim, prepare: impl FnOnce(&OlosSim, StageBuilder) -> StageBuilder) -> Result<Self> {
        let network = Network::new(NetworkConfig::default())?;
        let builder = Stage::builder()
            .network(network.http(), network.websocket())
            .clock(FakeClock::at(SystemClock.now()))
            .setting("address", sim.base_url())
            .setting("roster_every_ms", 20);
        let (context, stage) = prepare(&sim, builder).build();
        let connector = (trunkline_olos::registration().build)(&context.settings)?;
        // The subscriber of whoever calls, for the log.
        let task = tokio::spawn(connector.run(context).with_current_subscriber());
        Ok(Self { sim, stage, task })
    }

    async fn link(&mut self, state: LinkState) -> String {
        let told = |envelope: &Envelope| match &envelope.event {
            Event::Link(link) if link.state == state => Some(link.reason.clone().unwrap_or_default()),
            _ => None,
        };
        self.stage.events.expect(&format!("the link to be {state:?}"), told).await
    }

    async fn online(&mut self) {
        self.link(LinkState::Online).await;
    }

    async fn event(&mut self, id: &str) -> PlatformEvent {
        let told = |envelope: &Envelope| match &envelope.event {
            Event::PlatformEvent(event) if event.id.as_str() == id => Some((**event).clone()),
            _ => None,
        };
        self.stage.events.expect(&format!("the event {id}"), told).await
    }

    async fn roster(&mut self, what: &str, wanted: impl Fn(&[RosterEntry]) -> bool) -> Vec<RosterEntry> {
        let told = |envelope: &Envelope| match &envelope.event {
            Event::Roster(roster) if wanted(roster) => Some(roster.clone()),
            _ => None,
        };
        self.stage.events.expect(what, told).await
    }

    /// Everything that comes until nothing does for a while.
    async fn rest(&mut self) -> Vec<Event> {
        let mut rest = Vec::new();
        while let Ok(envelope) = tokio::time::timeout(QUIET, self.stage.events.next()).await {
            rest.push(envelope.event);
        }
        rest
    }

    async fn leave(self) -> Result<()> {
        self.stage.cancel.cancel();
        self.task.await.context("the connector's task")?;
        Ok(())
    }
}

fn fixture(name: &str) -> Result<Value> {
    let path = top().join(FIXTURES).join(name);
    Ok(serde_json::from_slice(&std::fs::read(&path).with_context(|| path.display().to_string())?)?)
}

async fn connects() -> Result<String> {
    let sim = OlosSim::start(OlosOptions::default()).await?;
    let http = FakeHttp::new();
    let network = Network::new(NetworkConfig::default())?;
    let (asked, token) = (http.clone(), sim.token("52"));
    let mut seat =
        Seat::on(sim, |_, builder| builder.network(Arc::new(asked), network.websocket()).secret("token", &token))?;
    seat.online().await;
    tokio::time::sleep(QUIET * 3).await;
    ensure!(http.sent().is_empty(), "HTTP requests: {:?}", http.sent());
    let attempts = seat.sim.attempts().len();
    ensure!(attempts == 1 && seat.sim.sockets() == 1, "one socket, not {attempts}");
    let base = seat.sim.base_url();
    seat.leave().await?;
    Ok(format!("{base}: one socket, no request beside it"))
}

async fn token_function() -> Result<String> {
    let sim = OlosSim::start(OlosOptions::default()).await?;
    let mut seat = Seat::on(sim, |sim, builder| {
        builder.setting("token_url", sim.token_url()).secret("token_service_key", &sim.key("52"))
    })?;
    seat.online().await;
    for _ in 0..5 {
        seat.sim.drop_sockets();
        seat.link(LinkState::Offline).await;
        seat.online().await;
    }
    let fetched = seat.sim.tokens_fetched();
    let tokens: BTreeSet<String> = seat.sim.attempts().into_iter().filter_map(|attempt| attempt.token).collect();
    ensure!(fetched == 6 && tokens.len() == 6, "{fetched} tokens fetched, {} shown", tokens.len());
    seat.leave().await?;
    Ok("5 disconnections: 6 tokens asked for, each shown once".to_owned())
}

/// Tokens that must not reach the server; gives the reasons told.
async fn refused_at_home(tokens: Vec<String>) -> Result<BTreeSet<String>> {
    let mut reasons = BTreeSet::new();
    for token in tokens {
        let sim = OlosSim::start(OlosOptions::default()).await?;
        let mut seat = Seat::on(sim, |_, builder| builder.secret("token", &token))?;
        reasons.insert(seat.link(LinkState::NeedsSignIn).await);
        let attempts = seat.sim.attempts().len();
        ensure!(attempts == 0, "{token} was shown to the server");
        seat.leave().await?;
    }
    Ok(reasons)
}

/// A token with another header or other claims: its signature is a dummy.
fn forged(header: &Value, claims: &Value) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}

fn claims(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Value {
    let now = SystemClock.now().0 / 1000;
    let mut claims = json!({
        "sub": "52", "tid": "acme", "iss": "https://auth.api.olos.live", "iat": now, "exp": now + 3600,
        "username": "adams", "roles": ["agent"],
    });
    if let Some(members) = claims.as_object_mut() {
        change(members);
    }
    claims
}

async fn token_form() -> Result<String> {
    let good = forged(&json!({ "alg": "RS256" }), &claims(|_| {}));
    let mut bad: Vec<String> =
        ["x", "a.b", "a.b.c", "a.b.c.d", "..", "Bearer a.b.c"].iter().map(|&token| token.to_owned()).collect();
    bad.extend([format!("{good}.x"), good.replacen('.', "", 1), good.replace('.', "!"), format!("{good}\u{7}")]);
    let count = bad.len();
    let reasons = refused_at_home(bad).await?;
    ensure!(reasons.iter().all(|reason| reason.starts_with("link_reason_token_")), "{reasons:?}");
    Ok(format!("{count} tokens, none shown to the server"))
}

async fn token_algorithm() -> Result<String> {
    let algorithms = ["none", "HS256", "HS512", "NONE", "", "rs256x"];
    let bad = algorithms.iter().map(|alg| forged(&json!({ "alg": alg }), &claims(|_| {}))).collect();
    let reasons = refused_at_home(bad).await?;
    Ok(format!("{} algorithms, {reasons:?}", algorithms.len()))
}

async fn token_claims() -> Result<String> {
    let now = SystemClock.now().0 / 1000;
    let header = json!({ "alg": "RS256" });
    let without = |name: &str| {
        let name = name.to_owned();
        forged(&header, &claims(move |members| drop(members.remove(&name))))
    };
    let with = |name: &str, value: Value| {
        let name = name.to_owned();
        forged(&header, &claims(move |members| drop(members.insert(name, value))))
    };
    let missing = refused_at_home(vec![without("sub"), without("tid"), without("exp"), with("sub", json!(""))]).await?;
    let expired = refused_at_home(vec![with("exp", json!(now - 3600))]).await?;
    let early = refused_at_home(vec![with("nbf", json!(now + 3600))]).await?;
    ensure!(expired.is_disjoint(&missing), "an expired one has a reason of its own: {expired:?}, {missing:?}");
    Ok(format!("missing {missing:?}, expired {expired:?}, too early {early:?}"))
}

async fn token_signature() -> Result<String> {
    let sim = OlosSim::start(OlosOptions::default()).await?;
    let token = forged(&json!({ "alg": "RS256" }), &claims(|_| {}));
    let mut seat = Seat::on(sim, |_, builder| builder.secret("token", &token))?;
    let reason = seat.link(LinkState::NeedsSignIn).await;
    let statuses: Vec<u16> = seat.sim.attempts().iter().map(|attempt| attempt.status).collect();
    ensure!(statuses == [403; 5], "shown to the server, which refuses it: {statuses:?}");
    seat.leave().await?;
    Ok(format!("refused by the server {} times, then {reason}", statuses.len()))
}

async fn connected() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    let wanted = |agent: &Agent| agent.username.as_deref() == Some("adams");
    let agent = seat.stage.events.expect_agent("the agent's data", wanted).await;
    ensure!(agent.permissions.contains("admin"), "with the roles: {:?}", agent.permissions);
    let online = seat
        .stage
        .events
        .seen()
        .iter()
        .any(|seen| matches!(&seen.event, Event::Link(link) if link.state == LinkState::Online));
    if !online {
        seat.online().await;
    }
    seat.leave().await?;
    Ok(format!("{}, roles {:?}", agent.name, agent.permissions))
}

async fn disconnected() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    seat.rest().await;
    // Down for a while: several tries fail, and that is still one disconnection.
    seat.sim.restart(Duration::from_millis(900)).await;
    seat.online().await;
    let links = seat.stage.events.seen().iter().filter_map(|seen| match &seen.event {
        Event::Link(link) => Some(link.clone()),
        _ => None,
    });
    let links: Vec<Link> = links.collect();
    // Why it stays away may change meanwhile: that is the same disconnection.
    let lost = |pair: &&[Link]| pair[1].state == LinkState::Offline && pair[0].state != LinkState::Offline;
    let losses = links.windows(2).filter(lost).count();
    ensure!(losses == 1, "told {losses} times: {links:?}");
    let reasons: Vec<&str> = links.iter().filter_map(|link| link.reason.as_deref()).collect();
    seat.leave().await?;
    Ok(format!("once in 0.9 s without a server; {reasons:?}"))
}

fn user(number: u32, name: &str, at: i64) -> OnlineUser {
    OnlineUser {
        user_id: format!("user-{number}"),
        username: name.to_owned(),
        online_at: at,
        ip_address: format!("203.0.113.{number}"),
    }
}

async fn online_users() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    seat.roster("the agent's own entry", |roster| roster.len() == 1).await;
    let first = seat.sim.come_online(&user(7, "brown", 1_662_391_541_000));
    seat.roster("a second entry", |roster| roster.len() == 2).await;
    seat.sim.come_online(&user(7, "brown", 1_662_391_600_000));
    let twice = seat.roster("the same user on a second device", |roster| roster.len() == 3).await;
    let references: BTreeSet<&str> = twice.iter().map(|entry| entry.reference.as_str()).collect();
    ensure!(references.len() == 3, "each row has a reference of its own: {twice:?}");
    ensure!(twice.iter().filter(|entry| entry.name == "brown").count() == 2, "{twice:?}");
    seat.sim.go_offline("user-7", &first);
    let left = seat.roster("one device gone", |roster| roster.len() == 2).await;
    ensure!(left.iter().any(|entry| entry.name == "brown"), "the user is still there: {left:?}");
    seat.leave().await?;
    Ok("1, 2, 3 and 2 rows; one user on two devices".to_owned())
}

async fn online_users_of_agents() -> Result<String> {
    let sim = OlosSim::start(OlosOptions::default()).await?;
    let token = sim.token("53");
    let mut seat = Seat::on(sim, |_, builder| builder.secret("token", &token))?;
    seat.online().await;
    seat.sim.come_online(&user(7, "brown", 1_662_391_541_000));
    let rest = seat.rest().await;
    ensure!(!rest.iter().any(|event| matches!(event, Event::Roster(_))), "{rest:?}");
    seat.leave().await?;
    Ok("an agent without the role is told of nobody".to_owned())
}

/// The example row is pushed as a list, which is one of the two ways it may come.
async fn readme_roster() -> Result<String> {
    let described = fixture("online-users.json")?;
    let options = OlosOptions { roster_event: Some("onlineUsers".to_owned()), ..OlosOptions::default() };
    let sim = OlosSim::start(options).await?;
    let token = sim.token("52");
    let mut seat = Seat::on(sim, |_, builder| builder.setting("roster_event", "onlineUsers").secret("token", &token))?;
    seat.online().await;
    seat.sim.expect("the roster's topic", PATIENCE, |sim| sim.push_to_admins("nothing", &json!({})) > 0).await?;
    let rows = described["online_users"].as_array().context("the example's rows")?;
    seat.sim.push_to_admins("onlineUsers", &described["online_users"]);
    let roster = seat.roster("the example's rows", |roster| roster.len() == rows.len()).await;
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let entry = roster.iter().find(|entry| entry.reference == text("ref")).context("a row is missing")?;
        ensure!(entry.name == text("username") && entry.user.as_deref() == Some(text("userId")), "{entry:?}");
        ensure!(entry.address.as_deref() == Some(text("ipAddress")), "{entry:?}");
        ensure!(entry.online_since.map(|at| at.0) == row["onlineAt"].as_i64(), "{entry:?}");
    }
    seat.leave().await?;
    Ok(format!("{} rows with ref, userId, username, onlineAt and ipAddress", rows.len()))
}

async fn by_name() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    let mut kinds = BTreeSet::new();
    let mut names: Vec<String> = std::fs::read_dir(top().join(FIXTURES))?
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("event-"))
        .collect();
    names.sort();
    for (number, name) in names.iter().enumerate() {
        let described = fixture(name)?;
        let id = format!("1700000000000-{number}");
        let mut payload = described["event"].clone();
        payload["eventId"] = json!(id);
        let kind = payload["eventType"].as_str().context("a fixture's type")?.to_owned();
        seat.sim.push_payload("52", &kind, &payload);
        let told = seat.event(&id).await;
        ensure!(told.kind == kind, "{name} came as {}", told.kind);
        let data = payload["eventData"].as_object().is_some_and(|data| !data.is_empty());
        ensure!(!data || !told.fields.is_empty(), "{name}: its data is missing");
        kinds.insert(kind);
    }
    ensure!(kinds.len() > 60, "only {} types are described", kinds.len());
    seat.leave().await?;
    Ok(format!("{} types, each by its name with its data", kinds.len()))
}

async fn readme_event() -> Result<String> {
    let example = fixture("readme-example-event.json")?;
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    seat.sim.push_payload("52", "ScreenPopVoice", &example["event"]);
    let told = seat.event("1661794102499-0").await;
    ensure!((told.kind.as_str(), told.sort) == ("ScreenPopVoice", EventSort::ScreenPop), "{told:?}");
    let envelope = (told.campaign.as_deref(), told.channel.as_deref(), told.way.as_deref());
    ensure!(envelope == (Some("22"), Some("Voice"), Some("Outbound")), "{told:?}");
    ensure!(told.at.0 == 1_657_905_963_385, "{told:?}");
    let fields = (told.field("someField"), told.field("anotherField"));
    ensure!(fields == (Some("some value"), Some("1")), "{told:?}");
    seat.leave().await?;
    Ok(format!("{} of campaign 22, {} fields", told.kind, told.fields.len()))
}

async fn any() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    let kinds = ["ScreenPopVoice", "SomethingNew", "other.event", "Ärger 1"];
    for kind in kinds {
        let id = seat.sim.push("52", &HubEvent::voice(kind, json!({ "x": 1 })));
        let told = seat.event(&id).await;
        ensure!(told.kind == kind && told.field("x") == Some("1"), "{told:?}");
    }
    // Of the same id a second time: it happened once.
    let id = seat.sim.push("52", &HubEvent::voice("Twice", json!({})));
    seat.event(&id).await;
    seat.sim.push("52", &HubEvent::voice("Twice", json!({})).with_id(&id));
    let rest = seat.rest().await;
    ensure!(!rest.iter().any(|event| matches!(event, Event::PlatformEvent(_))), "{rest:?}");
    seat.leave().await?;
    Ok(format!("{} names, unknown ones unchanged; a repeated id once", kinds.len()))
}

async fn network_failure() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    let mut waits = Vec::new();
    for code in [None, Some(1001), Some(1011), Some(1012), Some(4000)] {
        match code {
            None => seat.sim.drop_sockets(),
            Some(code) => seat.sim.close_sockets(code),
        }
        let began = Instant::now();
        seat.link(LinkState::Offline).await;
        seat.online().await;
        waits.push(began.elapsed());
        let id = seat.sim.push("52", &HubEvent::status(1, 0));
        seat.event(&id).await;
    }
    waits.sort();
    let (median, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    seat.leave().await?;
    Ok(format!("{} losses; back after {median:.0?}, at most {longest:.0?}", waits.len()))
}

async fn service_unavailable() -> Result<String> {
    let mut seat = Seat::pasted().await?;
    seat.online().await;
    seat.sim.weather(|weather| weather.refuse = Some(503));
    let before = seat.sim.attempts().len();
    seat.sim.drop_sockets();
    let reason = seat.link(LinkState::Offline).await;
    seat.sim.expect("tries", PATIENCE, |sim| sim.attempts().len() >= before + 6).await?;
    seat.sim.weather(|weather| weather.refuse = None);
    seat.online().await;
    let tries = seat.sim.attempts().len() - before;
    seat.leave().await?;
    Ok(format!("{tries} tries, back with the service; first told: {reason}"))
}

async fn renewal() -> Result<String> {
    let options = OlosOptions { token_life: Duration::from_secs(6), ..OlosOptions::default() };
    let sim = OlosSim::start(options).await?;
    let mut seat = Seat::on(sim, |sim, builder| {
        builder.setting("token_url", sim.token_url()).secret("token_service_key", &sim.key("52"))
    })?;
    seat.online().await;
    let began = Instant::now();
    while seat.sim.tokens_fetched() < 2 {
        if began.elapsed() > Duration::from_secs(6) {
            bail!("no new token within the life of the first");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ensure!(seat.sim.attempts().len() == 1, "the open socket stays");
    let after = began.elapsed();
    seat.leave().await?;
    Ok(format!("a token of 6 s is renewed after {:.1} s, on the open socket", after.as_secs_f32()))
}

/// What is logged, kept in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn verbose() -> Result<String> {
    for wanted in [false, true] {
        let lines = Lines::default();
        let written = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || written.clone())
            .finish();
        let scene = async move {
            let sim = OlosSim::start(OlosOptions::default()).await?;
            let token = sim.token("52");
            let mut seat = Seat::on(sim, |_, builder| builder.setting("verbose", wanted).secret("token", &token))?;
            seat.online().await;
            let id = seat.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
            seat.event(&id).await;
            seat.stage.command(Command::SignOut { state: None }).await.map_err(|error| anyhow::anyhow!("{error}"))?;
            seat.leave().await?;
            Ok::<_, anyhow::Error>(token)
        };
        let token = scene.with_subscriber(subscriber).await?;
        let log = String::from_utf8_lossy(&lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
        ensure!(log.contains("ScreenPopVoice"), "events are logged by their types: {log}");
        ensure!(log.contains("phoneNumber") == wanted, "names of members are in the verbose log alone: {log}");
        for secret in [token.as_str(), "+12025550147", "Ana Example"] {
            ensure!(!log.contains(secret), "{secret} is in the log");
        }
    }
    Ok("events with the names of their members; no value of them, no token".to_owned())
}
