//! A coturn of the test's own, on the loopback address.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use secrecy::SecretString;
use trunkline_connector::ports::IceServer;

const SECRET: &str = "secret of the test relay";

pub struct Relay {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Relay {
    /// With coturn's usual nonce life of ten minutes.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new("turnserver")
            .args(["-n", "--use-auth-secret", "--static-auth-secret", SECRET, "--realm", "test.invalid"])
            .args(["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--allow-loopback-peers"])
            .args(["--listening-port", &port.to_string(), "--no-tls", "--no-dtls", "--no-tcp", "--no-cli"])
            .args(["--log-file", "stdout", "--verbose", "--no-software-attribute"])
            .args(["--pidfile", folder.path().join("pid").to_str().unwrap()])
            .args(["--userdb", folder.path().join("userdb").to_str().unwrap()])
            .args(more)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("coturn is installed (package coturn, program turnserver)");
        let relay = Self { child, port, folder };
        relay.wait_until_it_answers();
        relay
    }

    fn wait_until_it_answers(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
        request.extend_from_slice(&[7; 12]);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            socket.send_to(&request, ("127.0.0.1", self.port)).unwrap();
            if socket.recv_from(&mut [0; 500]).is_ok() {
                return;
            }
        }
        panic!("coturn does not answer: {}", self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Credentials as services hand them out: a name with its time of expiry in front.
    pub fn server(&self, name: &str) -> IceServer {
        self.server_until(name, 3_600)
    }

    pub fn server_until(&self, name: &str, seconds: i64) -> IceServer {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let username = format!("{}:{name}", now + seconds);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
        let password = base64::engine::general_purpose::STANDARD.encode(ring::hmac::sign(&key, username.as_bytes()));
        IceServer {
            urls: vec![format!("turn:127.0.0.1:{}?transport=udp", self.port)],
            username,
            credential: SecretString::from(password),
        }
    }

    pub async fn log_shows(&self, text: &str, limit: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < limit {
            if self.log().contains(text) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
