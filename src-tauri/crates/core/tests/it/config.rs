//! How a core is started in tests: everything it keeps is in one folder.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use trunkline_core::{CoreConfig, PresetAccount, VaultChoice};
use trunkline_store::AccountRecord;
use trunkline_testkit::FakeLogin;

/// Without accounts; a policy is what the test writes into `policy.toml`.
pub fn config(folder: &Path) -> CoreConfig {
    CoreConfig {
        config_folder: folder.join("config"),
        data_folder: folder.join("data"),
        download_folder: folder.join("downloads"),
        log: None,
        policy_file: Some(folder.join("policy.toml")),
        vault: VaultChoice::Memory,
        preset_accounts: Vec::new(),
        demo: false,
        version: "0".to_owned(),
        login: Arc::new(FakeLogin::new()),
        frames: None,
        system_language: "en".to_owned(),
        preset_plugins: Default::default(),
    }
}

/// The account `one`, signed in with a token of a simulator.
pub fn account(settings: &Value, token: impl Into<String>) -> PresetAccount {
    PresetAccount {
        record: AccountRecord {
            id: "one".into(),
            platform: "amazon-connect".into(),
            name: "One".to_owned(),
            settings: settings.as_object().cloned().unwrap_or_default(),
        },
        secrets: vec![("token".to_owned(), token.into().into())],
    }
}
