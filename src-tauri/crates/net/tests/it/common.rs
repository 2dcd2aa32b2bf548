//! Local peers for the tests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use trunkline_connector::ports::{Http, HttpFailure, HttpRequest, HttpResponse, Transfer};
use trunkline_net::{Network, NetworkConfig, ProxyChoice, TrustedCertificate};
use url::Url;

/// Long enough for a loaded computer, short enough to notice a hang.
pub const SOON: Duration = Duration::from_secs(10);

pub fn direct() -> Network {
    Network::new(NetworkConfig { proxy: ProxyChoice::Direct, ..NetworkConfig::default() }).unwrap()
}

pub fn request(method: Method, url: &str) -> HttpRequest {
    HttpRequest {
        method,
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: SOON,
        transfer: Transfer::default(),
    }
}

pub async fn get(http: &dyn Http, url: &str) -> Result<HttpResponse, HttpFailure> {
    http.send(request(Method::GET, url)).await
}

pub fn text(response: &HttpResponse) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

/// Serves a router on a free port; ends with the test's runtime.
pub async fn serve(router: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// A certificate authority and a server certificate for localhost made by it.
pub struct Authority {
    pub trusted: TrustedCertificate,
    pub pem: String,
    pub acceptor: TlsAcceptor,
}

pub fn authority() -> Authority {
    authority_for(&["localhost", "127.0.0.1"])
}

/// The same for a server of other names.
pub fn authority_for(names: &[&str]) -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .unwrap();
    Authority {
        trusted: TrustedCertificate::Der(issuer.der().to_vec()),
        pem: issuer.pem(),
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

/// What the small proxy saw.
pub type Seen = tokio::sync::mpsc::UnboundedReceiver<Vec<String>>;

/// A proxy that answers CONNECT with `status`, and on 200 carries bytes to
/// `upstream` whatever host was asked for.
pub async fn connect_proxy(upstream: SocketAddr, status: u16) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, log) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let seen = seen.clone();
            tokio::spawn(async move {
                let mut client = BufReader::new(client);
                let mut head = Vec::new();
                loop {
                    let mut line = String::new();
                    client.read_line(&mut line).await.unwrap();
                    let line = line.trim_end().to_owned();
                    if line.is_empty() {
                        break;
                    }
                    head.push(line);
                }
                seen.send(head).unwrap();
                client.write_all(format!("HTTP/1.1 {status} Answer\r\nX-Proxy: yes\r\n\r\n").as_bytes()).await.unwrap();
                if status == 200 {
                    let mut server = TcpStream::connect(upstream).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    (address, log)
}
