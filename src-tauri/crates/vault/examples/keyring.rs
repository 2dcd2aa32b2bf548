//! Stores, reads and deletes one secret in the real keyring: the tests run it
//! as a second process on a session bus of their own.

use std::process::ExitCode;

use secrecy::ExposeSecret;
use trunkline_vault::{Vault, VaultKind};

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let vault = Vault::open(VaultKind::Keyring);
    let own = vault.account(&"a-test".into());
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["set", secret] => own.set("token", (*secret).into()).await.map(|()| "stored".to_owned()),
        ["set-long", length] => {
            let length = length.parse().unwrap_or(8_000);
            own.set("token", "x".repeat(length).into()).await.map(|()| "stored".to_owned())
        }
        ["get"] => own.get("token").await.map(|secret| match secret {
            Some(secret) => format!("found {}", secret.expose_secret().len()),
            None => "absent".to_owned(),
        }),
        ["status"] => {
            vault.probe().await;
            Ok("seen".to_owned())
        }
        ["forget"] => vault.forget(&"a-test".into()).await.map(|()| "forgotten".to_owned()),
        ["keep-and-get", secret] => {
            let stored = own.set("token", (*secret).into()).await;
            own.get("token").await.map(|found| format!("{stored:?} remembered={}", found.is_some()))
        }
        _ => return ExitCode::from(2),
    };
    match result {
        Ok(text) => println!("{text} {:?}", vault.status()),
        Err(error) => println!("{error:?} {:?}", vault.status()),
    }
    ExitCode::SUCCESS
}
