//! Dependencies point down. The picture is in docs/ARCHITECTURE.md, section 4;
//! the truth is what `cargo metadata` says.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::{output, say};

/// For each of our packages: those of ours it may depend on outside of tests.
const MAY_USE: &[(&str, &[&str])] = &[
    ("trunkline-model", &[]),
    ("trunkline-connector", &["trunkline-model"]),
    // Protocols that several platforms share: no vocabulary of ours, no connection.
    ("trunkline-wire", &[]),
    ("trunkline-net", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-log", &["trunkline-model", "trunkline-connector", "trunkline-net"]),
    ("trunkline-vault", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-store", &["trunkline-model"]),
    ("trunkline-audio", &[]),
    ("trunkline-media", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-no-gl", &[]),
    ("trunkline-amazon-connect", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-expertflow", &["trunkline-model", "trunkline-connector", "trunkline-wire"]),
    ("trunkline-olos", &["trunkline-model", "trunkline-connector", "trunkline-wire"]),
    ("trunkline-twin24", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-desk", &["trunkline-model", "trunkline-connector"]),
    ("trunkline-rpc", &["trunkline-model", "trunkline-connector", "trunkline-desk"]),
    ("trunkline-plugins", &["trunkline-model", "trunkline-desk", "trunkline-rpc"]),
    (
        "trunkline-core",
        &[
            "trunkline-model",
            "trunkline-connector",
            "trunkline-net",
            "trunkline-log",
            "trunkline-vault",
            "trunkline-store",
            "trunkline-audio",
            "trunkline-media",
            "trunkline-amazon-connect",
            "trunkline-expertflow",
            "trunkline-olos",
            "trunkline-twin24",
            "trunkline-desk",
            "trunkline-rpc",
            "trunkline-plugins",
        ],
    ),
    ("trunkline-bridge", &["trunkline-model", "trunkline-rpc"]),
    // Simulators are independent: they share nothing with what they test.
    ("trunkline-simulators", &[]),
];

/// Libraries that one package alone may see: the rest goes through it.
const ALONE: &[(&str, &[&str])] = &[
    ("tauri", &["trunkline"]),
    ("notify-rust", &["trunkline"]),
    ("tray-icon", &["trunkline"]),
    ("webkit2gtk", &["trunkline"]),
    ("webrtc", &["trunkline-media"]),
    ("rtc", &["trunkline-media"]),
    ("cpal", &["trunkline-audio"]),
    ("pulseaudio", &["trunkline-audio"]),
    ("sonora", &["trunkline-audio"]),
    ("keyring", &["trunkline-vault"]),
    ("reqwest", &["trunkline-net"]),
    ("centrifuge-client", &["trunkline-net"]),
    ("tokio-tungstenite", &["trunkline-net"]),
    ("rusqlite", &["trunkline-store"]),
    ("str0m", &["trunkline-simulators"]),
];

/// Fails with every arrow that points up.
pub fn check() -> Result<()> {
    let text = output("cargo", &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Tests may look at anything below or beside them.
            if !dependency["kind"].is_null() {
                continue;
            }
            let used = dependency["name"].as_str().unwrap_or_default();
            if let Some(problem) = judge(name, used) {
                wrong.push(problem);
            }
        }
    }
    if wrong.is_empty() {
        say(&format!("deps-check: {} packages, every arrow points down", packages.len()));
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}

fn judge(package: &str, used: &str) -> Option<String> {
    let free = matches!(package, "trunkline-tests" | "trunkline-testkit" | "xtask");
    if let Some((_, owners)) = ALONE.iter().find(|(library, _)| *library == used)
        && !owners.contains(&package)
        && !free
    {
        return Some(format!("{package} uses {used}: only {} may", owners.join(", ")));
    }
    let plugin = used.starts_with("tauri-plugin-") && package != "trunkline";
    if plugin {
        return Some(format!("{package} uses {used}: only trunkline may"));
    }
    if !used.starts_with("trunkline-") || free || package == "trunkline" {
        return None;
    }
    match MAY_USE.iter().find(|(name, _)| *name == package) {
        None => Some(format!("{package} is not in the picture: add it to deps_check.rs and docs/ARCHITECTURE.md")),
        Some((_, allowed)) if !allowed.contains(&used) => {
            Some(format!("{package} must not use {used}: it lies above or beside"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn an_arrow_up_is_refused() {
        assert!(judge("trunkline-model", "trunkline-desk").is_some(), "the model lies below the desk");
        assert!(
            judge("trunkline-simulators", "trunkline-amazon-connect").is_some(),
            "a simulator shares nothing with its connector"
        );
        assert!(judge("trunkline-simulators", "trunkline-wire").is_some(), "nor with the protocols beneath it");
        assert!(judge("trunkline-unheard-of", "trunkline-model").is_some(), "a package outside the picture is noticed");
    }

    #[test]
    fn a_confined_library_is_refused_elsewhere() {
        assert!(judge("trunkline-core", "cpal").is_some(), "only audio sees cpal");
        assert!(judge("trunkline-core", "tauri-plugin-opener").is_some(), "only the shell sees Tauri's plugins");
    }

    #[test]
    fn arrows_down_pass() {
        assert_eq!(judge("trunkline-core", "trunkline-desk"), None, "the core composes the desk");
        assert_eq!(judge("trunkline-audio", "cpal"), None, "audio is cpal's owner");
    }
}
