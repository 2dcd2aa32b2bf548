//! TLS: what is trusted and what is refused, for HTTP and WebSockets alike.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::common::{Authority, SOON, authority, text};
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use trunkline_connector::ports::{Frame, HttpFailure, WebSocketFailure};
use trunkline_net::{NetError, Network, NetworkConfig, ProxyChoice, TrustedCertificate};
use url::Url;

async fn tls_server(authority: &Authority, websocket: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = authority.acceptor.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                if websocket {
                    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                    while let Some(Ok(message)) = socket.next().await {
                        if message.is_text() {
                            socket.send(message).await.unwrap();
                        }
                    }
                } else {
                    let mut head = [0; 4096];
                    let _ = stream.read(&mut head).await.unwrap();
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await.unwrap();
                    stream.shutdown().await.ok();
                }
            });
        }
    });
    address
}

fn config() -> NetworkConfig {
    NetworkConfig { proxy: ProxyChoice::Direct, ..NetworkConfig::default() }
}

fn trusting(certificate: TrustedCertificate) -> Network {
    Network::new(NetworkConfig { trusted_certificates: vec![certificate], ..config() }).unwrap()
}

#[tokio::test]
async fn an_unknown_authority_is_refused_by_both() {
    let authority = authority();
    let stranger = trusting(crate::common::authority().trusted);
    let page = tls_server(&authority, false).await;
    let failure =
        crate::common::get(&*stranger.http(), &format!("https://localhost:{}/", page.port())).await.unwrap_err();
    assert_eq!(failure, HttpFailure::Tls, "the page's certificate is from an authority nobody trusts");
    let socket = tls_server(&authority, true).await;
    let url = Url::parse(&format!("wss://localhost:{}/", socket.port())).unwrap();
    let failure = stranger.websocket().dial(url, HeaderMap::new(), SOON).await.err();
    assert_eq!(failure, Some(WebSocketFailure::Tls), "and so is the socket's");
}

#[tokio::test]
async fn a_trusted_authority_is_accepted_by_both_in_every_form() {
    let authority = authority();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "# company authority\n{}", authority.pem).unwrap();
    let from_file = Network::new(NetworkConfig { extra_ca_file: Some(file.path().to_owned()), ..config() }).unwrap();
    let page = tls_server(&authority, false).await;
    let socket = tls_server(&authority, true).await;
    for (form, network) in [
        ("DER", trusting(authority.trusted.clone())),
        ("PEM", trusting(TrustedCertificate::Pem(authority.pem.clone()))),
        ("file", from_file),
    ] {
        for host in ["localhost", "127.0.0.1"] {
            let response =
                crate::common::get(&*network.http(), &format!("https://{host}:{}/", page.port())).await.unwrap();
            assert_eq!(text(&response), "secret", "a page at {host} with the authority given as {form}");
            let url = Url::parse(&format!("wss://{host}:{}/", socket.port())).unwrap();
            let (mut send, mut receive) = network.websocket().dial(url, HeaderMap::new(), SOON).await.unwrap();
            send.send(Frame::Text("hello".to_owned())).await.unwrap();
            let back = receive.receive().await.unwrap();
            assert_eq!(back, Frame::Text("hello".to_owned()), "a socket at {host} with the authority given as {form}");
        }
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = crate::common::authority_for(&["other.example"]);
    let network = trusting(authority.trusted.clone());
    let page = tls_server(&authority, false).await;
    let failure =
        crate::common::get(&*network.http(), &format!("https://localhost:{}/", page.port())).await.unwrap_err();
    assert_eq!(failure, HttpFailure::Tls, "the authority is trusted but the name is not in the certificate");
}

#[tokio::test]
async fn a_server_without_tls_is_no_secure_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            socket.write_all(b"220 plain text greeting\r\n").await.ok();
        }
    });
    let network = trusting(authority().trusted);
    let failure = crate::common::get(&*network.http(), &format!("https://{address}/")).await.unwrap_err();
    assert_eq!(failure, HttpFailure::Tls, "what answers does not speak TLS");
}

#[test]
fn unusable_certificates_are_named() {
    let missing = Network::new(NetworkConfig { extra_ca_file: Some("/no/such/ca.pem".into()), ..config() });
    let error = missing.unwrap_err();
    assert!(matches!(&error, NetError::CaFile { .. }) && error.is_configuration(), "a missing file is configuration");
    assert!(error.to_string().contains("/no/such/ca.pem"), "and is named: {error}");

    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"this is no certificate").unwrap();
    let error = Network::new(NetworkConfig { extra_ca_file: Some(file.path().to_owned()), ..config() }).unwrap_err();
    assert!(error.to_string().contains(&file.path().display().to_string()), "an empty file is named: {error}");

    let rubbish = vec![TrustedCertificate::Der(authority_der()), TrustedCertificate::Der(vec![1, 2, 3])];
    let error = Network::new(NetworkConfig { trusted_certificates: rubbish, ..config() }).unwrap_err();
    assert!(error.to_string().contains("trusted certificate 1"), "the second of two is at fault: {error}");
}

fn authority_der() -> Vec<u8> {
    match authority().trusted {
        TrustedCertificate::Der(der) => der,
        TrustedCertificate::Pem(_) => unreachable!("the test authority is given as DER"),
    }
}
