//! Demo mode: the simulators inside this program, and an account on each.

use std::path::PathBuf;

use trunkline_core::PresetAccount;

/// The simulators at work; they end when this is dropped.
pub struct Demo {
    /// An account on each of them.
    pub accounts: Vec<PresetAccount>,
    _running: Running,
}

/// Demo mode cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Built without it.
    #[cfg_attr(feature = "demo", allow(dead_code, reason = "the other build's error"))]
    #[error("this build has no demo mode: build with `--features demo`, or use `cargo xtask run`")]
    NotBuilt,
    /// A simulator does not start.
    #[cfg(feature = "demo")]
    #[error("the simulator of Amazon Connect cannot be started: {0}")]
    AmazonConnect(#[from] trunkline_simulators::amazon_connect::SimError),
    /// Likewise.
    #[cfg(feature = "demo")]
    #[error("the simulator of Expertflow CX cannot be started: {0}")]
    Expertflow(#[from] trunkline_simulators::expertflow::ExpertflowError),
    /// Likewise.
    #[cfg(feature = "demo")]
    #[error("the simulator of Olos AgentHub cannot be started: {0}")]
    Olos(#[from] trunkline_simulators::olos::OlosError),
    /// Likewise.
    #[cfg(feature = "demo")]
    #[error("the simulator of TWIN24 cannot be started: {0}")]
    Twin24(#[from] trunkline_simulators::twin24::Twin24Error),
}

/// An empty folder for this run.
pub fn folder() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("trunkline-demo-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(feature = "demo")]
struct Running {
    _amazon_connect: trunkline_simulators::amazon_connect::AmazonConnectSim,
    _expertflow: trunkline_simulators::expertflow::ExpertflowSim,
    _olos: trunkline_simulators::olos::OlosSim,
    _twin24: trunkline_simulators::twin24::Twin24Sim,
    scripts: Vec<tokio::task::AbortHandle>,
}

#[cfg(feature = "demo")]
impl Drop for Running {
    fn drop(&mut self) {
        for script in &self.scripts {
            script.abort();
        }
    }
}

#[cfg(not(feature = "demo"))]
struct Running;

/// The customer card beside every contact, as if the agent had agreed to it.
pub fn plugins() -> std::collections::BTreeMap<String, trunkline_store::PluginRecord> {
    let record = trunkline_store::PluginRecord {
        source: "builtin:crm-card".to_owned(),
        enabled: true,
        rights: [("contacts".to_owned(), true)].into(),
        ..trunkline_store::PluginRecord::default()
    };
    [("crm-card".to_owned(), record)].into()
}

/// Starts the simulators: an endless row of callers at the first, a screen pop with
/// each of them at the second, and chats at the third and fourth.
#[cfg(feature = "demo")]
pub async fn start() -> Result<Demo, DemoError> {
    use trunkline_simulators::amazon_connect::{self, AmazonConnectSim, DemoPace};
    use trunkline_simulators::expertflow::{self, ExpertflowPace, ExpertflowSim};
    use trunkline_simulators::olos::{self, OlosSim};
    use trunkline_simulators::twin24::{self, Twin24Pace, Twin24Sim};

    let connect = AmazonConnectSim::start(amazon_connect::demo_options()).await?;
    let login = connect.options().agents.first().map(|agent| agent.login.clone()).unwrap_or_default();
    let hub = OlosSim::start(olos::demo_options()).await?;
    let number = hub.options().agents.first().map(|agent| agent.sub.clone()).unwrap_or_default();
    let desk = ExpertflowSim::start(expertflow::demo_options()).await?;
    let first = desk.options().agents.first();
    let (username, password) = first.map(|agent| (agent.username.clone(), agent.password.clone())).unwrap_or_default();
    let twin = Twin24Sim::start(twin24::demo_options()).await?;
    for user in olos::online_users() {
        hub.come_online(&user);
    }
    let accounts = vec![
        account("demo", "amazon-connect", "Demo", &connect.base_url(), ("token", connect.token(&login))),
        account("demo-olos", "olos", "Demo campaign", &hub.base_url(), ("token", hub.token(&number))),
        with_username(
            account("demo-expertflow", "expertflow", "Demo chats", &desk.base_url(), ("password", password)),
            &username,
        ),
        twin24_account(&twin),
    ];
    let customers = connect.clone();
    let calls = tokio::spawn(async move { amazon_connect::demo(&customers, DemoPace::default()).await });
    let (told, followed) = (hub.clone(), connect.clone());
    let events = tokio::spawn(async move { olos::follow_calls(&told, &followed).await });
    let chatting = desk.clone();
    let chats = tokio::spawn(async move { expertflow::demo(&chatting, ExpertflowPace::default()).await });
    let writing = twin.clone();
    let sessions = tokio::spawn(async move { twin24::demo(&writing, Twin24Pace::default()).await });
    let scripts = vec![calls.abort_handle(), events.abort_handle(), chats.abort_handle(), sessions.abort_handle()];
    let running = Running { _amazon_connect: connect, _expertflow: desk, _olos: hub, _twin24: twin, scripts };
    Ok(Demo { accounts, _running: running })
}

#[cfg(feature = "demo")]
fn account(id: &str, platform: &str, name: &str, address: &str, secret: (&str, String)) -> PresetAccount {
    let settings = serde_json::Map::from_iter([("address".to_owned(), address.into())]);
    PresetAccount {
        record: trunkline_store::AccountRecord {
            id: id.into(),
            platform: platform.into(),
            name: name.to_owned(),
            settings,
        },
        secrets: vec![(secret.0.to_owned(), secret.1.into())],
    }
}

#[cfg(feature = "demo")]
fn with_username(mut account: PresetAccount, username: &str) -> PresetAccount {
    account.record.settings.insert("username".to_owned(), username.into());
    account
}

#[cfg(feature = "demo")]
fn twin24_account(twin: &trunkline_simulators::twin24::Twin24Sim) -> PresetAccount {
    let operators = &twin.options().operators;
    let (email, password) = operators.first().map(|one| (one.email.clone(), one.password.clone())).unwrap_or_default();
    let mut account = account("demo-twin24", "twin24", "Demo messengers", "", ("password", password));
    let settings = &mut account.record.settings;
    settings.remove("address");
    for (name, value) in
        [("email", email), ("iam", twin.iam_url()), ("chat", twin.chat_url()), ("events", twin.events_url())]
    {
        settings.insert(name.to_owned(), value.into());
    }
    account
}

/// This build has none.
#[cfg(not(feature = "demo"))]
pub async fn start() -> Result<Demo, DemoError> {
    Err(DemoError::NotBuilt)
}
