//! The TURN server on loopback: coturn as a child process, or an embedded one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use tokio::net::UdpSocket;
use tokio::process::{Child, Command};
use turn::auth::{AuthHandler, generate_auth_key};
use turn::relay::relay_static::RelayAddressGeneratorStatic;
use turn::server::Server;
use turn::server::config::{ConnConfig, ServerConfig};
use webrtc_util::vnet::net::Net;

use super::error::SimError;
use super::options::TurnKind;
use super::snapshot::TurnGrant;
use crate::Moment;

/// Runs coturn until standard input closes. A pipe closes when our value is
/// dropped and also when our process is killed, so neither coturn nor its
/// folder stays behind.
const KEEPER: &str = r#"exec 3<&0
turnserver -c "$0" </dev/null & child=$!
( read -r _ <&3; kill -9 $child ) & watcher=$!
wait $child
kill $watcher
rm -rf "${0%/turnserver.conf}""#;

const REALM: &str = "trunkline.simulator";

/// A running TURN server; ends with its value.
pub(crate) struct TurnServer {
    address: SocketAddr,
    secret: String,
    kind: &'static str,
    _running: Running,
}

enum Running {
    // Dropping the child closes its standard input, see `KEEPER`.
    Coturn(
        #[allow(dead_code, reason = "held for its drop")] Box<Child>,
        #[allow(dead_code, reason = "held for its drop")] Files,
    ),
    Embedded(Option<Server>, tokio::runtime::Handle),
    // The bound socket keeps the port from anyone who would answer.
    Nobody(#[allow(dead_code, reason = "held for its drop")] UdpSocket),
}

/// coturn's log and database folder, removed with the server.
struct Files(std::path::PathBuf);

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Embedded(server, runtime) = self
            && let Some(server) = server.take()
        {
            runtime.spawn(async move {
                let _ = server.close().await;
            });
        }
    }
}

impl TurnServer {
    pub(crate) async fn start(kind: TurnKind) -> Result<Self, SimError> {
        let secret = uuid::Uuid::new_v4().simple().to_string();
        match kind {
            TurnKind::Coturn => Self::coturn(secret).await,
            TurnKind::Embedded => Self::embedded(secret).await,
            TurnKind::Auto => match Self::coturn(secret.clone()).await {
                Ok(server) => Ok(server),
                Err(error) => {
                    tracing::info!(%error, "coturn not used, starting the embedded TURN server");
                    Self::embedded(secret).await
                }
            },
            TurnKind::Unreachable => {
                let socket = bind().await?;
                Ok(Self { address: local(&socket)?, secret, kind: "unreachable", _running: Running::Nobody(socket) })
            }
        }
    }

    /// `coturn`, `embedded` or `unreachable`.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Credentials that are good for `life`, in the form of the service:
    /// user name `EXPIRY:NAME`, credential base64(HMAC-SHA1(secret, user name)).
    pub(crate) fn grant(&self, name: &str, life: Duration) -> TurnGrant {
        let expiry = Moment::now().unix_seconds() as u64 + life.as_secs();
        let username = format!("{expiry}:{name}");
        TurnGrant {
            url: format!("turn:{}?transport=udp", self.address),
            credential: credential(&self.secret, &username),
            username,
        }
    }

    async fn coturn(secret: String) -> Result<Self, SimError> {
        if !is_installed("turnserver") {
            return Err(SimError::Turn("turnserver is not installed".to_owned()));
        }
        // coturn takes no port 0, so free ones are looked for; somebody else
        // may take them in between, hence the repeats.
        let mut last = String::new();
        for _ in 0..4 {
            let address = {
                let socket = bind().await?;
                local(&socket)?
            };
            match Self::coturn_at(address, &secret).await {
                Ok(server) => return Ok(server),
                Err(error) => last = error.to_string(),
            }
        }
        Err(SimError::Turn(last))
    }

    async fn coturn_at(address: SocketAddr, secret: &str) -> Result<Self, SimError> {
        let folder = std::env::temp_dir().join(format!("trunkline-coturn-{}", uuid::Uuid::new_v4()));
        make_private(&folder).map_err(SimError::io("making coturn's folder"))?;
        let files = Files(folder.clone());
        // The secret goes through a file: arguments are visible to everyone.
        let config = folder.join("turnserver.conf");
        let text = format!(
            "listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port={port}\n\
             min-port=49152\nmax-port=65535\nrealm={REALM}\nuse-auth-secret\n\
             static-auth-secret={secret}\nallow-loopback-peers\nno-tls\nno-dtls\nno-tcp\n\
             no-tcp-relay\nno-cli\nno-software-attribute\nfingerprint\n\
             userdb={db}\npidfile={pid}\nlog-file=stdout\nsimple-log\n",
            port = address.port(),
            db = folder.join("turndb").display(),
            pid = folder.join("turnserver.pid").display(),
        );
        std::fs::write(&config, text).map_err(SimError::io("writing coturn's settings"))?;
        let child = Command::new("sh")
            .arg("-c")
            .arg(KEEPER)
            .arg(&config)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(SimError::io("starting turnserver"))?;
        let mut child = Box::new(child);
        for _ in 0..100 {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(SimError::Turn(format!("turnserver ended at once: {status}")));
            }
            if answers(address).await {
                return Ok(Self {
                    address,
                    secret: secret.to_owned(),
                    kind: "coturn",
                    _running: Running::Coturn(child, files),
                });
            }
        }
        Err(SimError::Turn("turnserver does not answer".to_owned()))
    }

    async fn embedded(secret: String) -> Result<Self, SimError> {
        let socket = bind().await?;
        let address = local(&socket)?;
        let server = Server::new(ServerConfig {
            conn_configs: vec![ConnConfig {
                conn: Arc::new(socket),
                relay_addr_generator: Box::new(RelayAddressGeneratorStatic {
                    relay_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                    address: "127.0.0.1".to_owned(),
                    net: Arc::new(Net::new(None)),
                }),
            }],
            realm: REALM.to_owned(),
            auth_handler: Arc::new(Secret(secret.clone())),
            channel_bind_timeout: Duration::ZERO,
            alloc_close_notify: None,
        })
        .await
        .map_err(|e| SimError::Turn(e.to_string()))?;
        Ok(Self {
            address,
            secret,
            kind: "embedded",
            _running: Running::Embedded(Some(server), tokio::runtime::Handle::current()),
        })
    }
}

/// The folder holds the shared secret.
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

async fn bind() -> Result<UdpSocket, SimError> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(SimError::io("binding a UDP port"))
}

fn local(socket: &UdpSocket) -> Result<SocketAddr, SimError> {
    socket.local_addr().map_err(SimError::io("reading a UDP port"))
}

/// Asks for a STUN binding and waits 50 ms for any answer.
async fn answers(server: SocketAddr) -> bool {
    // Binding request, no attributes, magic cookie of RFC 8489.
    const BINDING: [u8; 20] = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await else {
        return false;
    };
    if socket.send_to(&BINDING, server).await.is_err() {
        return false;
    }
    let mut buffer = [0; 512];
    tokio::time::timeout(Duration::from_millis(50), socket.recv_from(&mut buffer)).await.is_ok_and(|r| r.is_ok())
}

fn credential(secret: &str, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, username.as_bytes()))
}

/// Checks user names of the form `EXPIRY:NAME`; the `turn` crate's own handler
/// takes a bare expiry only.
struct Secret(String);

impl AuthHandler for Secret {
    fn auth_handle(&self, username: &str, realm: &str, _: SocketAddr) -> Result<Vec<u8>, turn::Error> {
        let expiry: f64 = username.split(':').next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
        if expiry < Moment::now().unix_seconds() {
            return Err(turn::Error::Other("the TURN credential has expired".to_owned()));
        }
        Ok(generate_auth_key(username, realm, &credential(&self.0, username)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn both_kinds_answer_and_the_unreachable_one_does_not() {
        for kind in [TurnKind::Embedded, TurnKind::Auto] {
            let server = TurnServer::start(kind).await.unwrap();
            assert!(answers(server.address()).await, "{kind:?} answers a STUN binding");
        }
        let server = TurnServer::start(TurnKind::Unreachable).await.unwrap();
        assert!(!answers(server.address()).await, "nobody answers there");
    }

    #[test]
    fn the_credential_is_the_one_of_the_turn_rest_scheme() {
        // HMAC-SHA1 test vector: key "key", message of Wikipedia's article.
        assert_eq!(
            credential("key", "The quick brown fox jumps over the lazy dog"),
            "3nybhbi3iqa8ino29wqQcBydtNk=",
            "base64 of de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
        );
    }

    #[test]
    fn an_expired_user_name_is_refused() {
        let secret = Secret("s".to_owned());
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        assert!(secret.auth_handle("1000:agent", REALM, from).is_err(), "1970 is over");
        assert!(secret.auth_handle("99999999999:agent", REALM, from).is_ok());
    }
}
