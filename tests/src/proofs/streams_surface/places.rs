//! The two places where the page runs: the vendor's own library in Chromium,
//! and the panel.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::process::Child;
use trunkline_simulators::amazon_connect::AmazonConnectSim;

use super::collector::Collector;
use crate::harness::stage::Stage;
use crate::proofs::streams_crosscheck::vendor::{browser, package};

/// What this proof is about.
const VERSION: &str = "2.28.2";
const PAGE: &str = include_str!("page.html");
const SCRIPTS: [(&str, &str); 3] = [
    ("words.js", include_str!("words.js")),
    ("reads.js", include_str!("reads.js")),
    ("page.js", include_str!("page.js")),
];
/// Libraries that pages load beside it: the vendor's own at both places.
const COMPANIONS: [(&str, &str, &str); 2] = [
    ("vendor/connect-chat.js", "amazon-connect-chatjs", "dist/amazon-connect-chat.js"),
    ("vendor/connect-task.js", "amazon-connect-taskjs", "dist/amazon-connect-task.js"),
];
/// The page's plugin.
pub const PLUGIN: &str = "streams-surface";

/// The vendor's library, unmodified, with a CCP in its iframe.
pub struct AtVendor {
    /// What the page tells.
    pub page: Collector,
    _browser: Child,
    _profile: tempfile::TempDir,
}

impl AtVendor {
    /// Opens the page for an agent.
    pub async fn open(sim: &AmazonConnectSim, agent: &str) -> Result<Self> {
        const SCRIPT: &str = "text/javascript";
        const HTML: &str = "text/html; charset=utf-8";
        let described: Value = serde_json::from_slice(&package("amazon-connect-streams", "package.json")?)?;
        ensure!(described["version"] == VERSION, "the library is {}, not {VERSION}", described["version"]);
        let library = package("amazon-connect-streams", "release/connect-streams.js")?;
        let page = Collector::start().await?;
        // Hosts the library's worker as well.
        let _ = sim.host_vendor_client(library.clone(), agent, false);
        sim.host_page("/surface/vendor/connect-streams.js", SCRIPT, library);
        sim.host_page("/surface/ccp.html", HTML, include_bytes!("ccp.html").as_slice());
        let ccp = format!("{}/surface/ccp.html?token={}", sim.base_url(), sim.token(agent));
        sim.host_page("/surface/config.js", SCRIPT, page.settings(&ccp));
        sim.host_page("/surface/page.html", HTML, PAGE);
        for (name, text) in SCRIPTS {
            sim.host_page(&format!("/surface/{name}"), SCRIPT, text);
        }
        for (name, of, file) in COMPANIONS {
            sim.host_page(&format!("/surface/{name}"), SCRIPT, package(of, file)?);
        }
        let profile = tempfile::tempdir()?;
        let browser = browser(&format!("{}/surface/page.html", sim.base_url()), profile.path())?;
        Ok(Self { page, _browser: browser, _profile: profile })
    }
}

/// The same page as a plugin of the panel.
pub struct InPanel {
    /// What the page tells.
    pub page: Collector,
    _folder: tempfile::TempDir,
}

impl InPanel {
    /// Writes the folder, adds it, allows it everything, and spares the agent its questions.
    pub async fn open(stage: &Stage) -> Result<Self> {
        let page = Collector::start().await?;
        let folder = tempfile::tempdir()?;
        let permissions = ["agent", "contacts", "annotate", "calls", "transfers", "state", "notify"];
        let manifest = json!({
            "manifest": 1, "id": PLUGIN, "name": "Streams surface", "version": "1.0.0",
            "place": "always", "entry": "page.html", "shownByDefault": true,
            "permissions": permissions, "origins": [page.origin()],
            "facades": { "vendor/connect-streams.js": "streams" },
        });
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("page.html", PAGE)?;
        for (name, text) in SCRIPTS {
            write(name, text)?;
        }
        std::fs::create_dir(folder.path().join("vendor"))?;
        for (name, of, file) in COMPANIONS {
            std::fs::write(folder.path().join(name), package(of, file)?)?;
        }
        write("config.js", &page.settings("https://example.com/ccp-v2"))?;
        write("plugin.json", &manifest.to_string())?;
        // Allowed before it runs: a page that is not let in at first gives up, as at the vendor's.
        let path: PathBuf = folder.path().canonicalize()?;
        stage.rpc("plugin_add", json!({ "source": { "kind": "folder", "path": path } })).await?;
        let rights: BTreeMap<&str, bool> = permissions.into_iter().map(|name| (name, true)).collect();
        stage.rpc("plugin_grant", json!({ "plugin": PLUGIN, "rights": rights })).await?;
        stage.rpc("plugin_trust", json!({ "plugin": PLUGIN, "on": true })).await?;
        Ok(Self { page, _folder: folder })
    }

    /// The last lines of the plugin's log.
    pub async fn log(stage: &Stage) -> Vec<String> {
        let lines = stage.rpc("plugin_log", json!({ "plugin": PLUGIN })).await.unwrap_or_default();
        let lines = lines.as_array().cloned().unwrap_or_default();
        let from = lines.len().saturating_sub(12);
        lines[from..].iter().map(|line| format!("{}: {:.300}", line["level"], line["text"].to_string())).collect()
    }
}
