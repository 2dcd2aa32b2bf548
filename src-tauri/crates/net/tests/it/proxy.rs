//! The way through a proxy.

use std::net::SocketAddr;

use crate::common::{SOON, authority, connect_proxy, serve, text};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::any;
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use trunkline_connector::ports::{Frame, WebSocketFailure};
use trunkline_net::{Network, NetworkConfig, ProxyChoice};
use url::Url;

fn through(proxy: SocketAddr, except: &str) -> ProxyChoice {
    let proxy = Url::parse(&format!("http://agent:open%20sesame@{proxy}")).unwrap();
    ProxyChoice::Address { proxy, except: except.to_owned() }
}

fn network(proxy: ProxyChoice) -> Network {
    Network::new(NetworkConfig { proxy, ..NetworkConfig::default() }).unwrap()
}

async fn echo() -> SocketAddr {
    let router = Router::new().route(
        "/ws",
        any(|upgrade: WebSocketUpgrade| async move {
            upgrade.on_upgrade(|mut socket| async move {
                while let Some(Ok(message)) = socket.recv().await {
                    if socket.send(message).await.is_err() {
                        return;
                    }
                }
            })
        }),
    );
    serve(router).await
}

#[tokio::test]
async fn websockets_go_through_a_tunnel_with_credentials() {
    let (proxy, mut seen) = connect_proxy(echo().await, 200).await;
    let url = Url::parse("ws://far.example/ws").unwrap();
    let dialled = network(through(proxy, "")).websocket().dial(url, HeaderMap::new(), SOON).await;
    let (mut send, mut receive) = dialled.unwrap();
    send.send(Frame::Text("through".to_owned())).await.unwrap();
    assert_eq!(receive.receive().await.unwrap(), Frame::Text("through".to_owned()), "the socket works in the tunnel");
    let head = seen.recv().await.unwrap();
    assert_eq!(head[0], "CONNECT far.example:80 HTTP/1.1", "the proxy resolves the name, not we");
    assert!(
        head.contains(&"Proxy-Authorization: Basic YWdlbnQ6b3BlbiBzZXNhbWU=".to_owned()),
        "agent:open sesame is sent: {head:?}"
    );
}

#[tokio::test]
async fn pages_over_tls_take_the_same_tunnel() {
    let authority = authority();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let acceptor = authority.acceptor.clone();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(socket).await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage").await.unwrap();
        stream.shutdown().await.ok();
    });
    let (proxy, mut seen) = connect_proxy(server, 200).await;
    let network = Network::new(NetworkConfig {
        proxy: through(proxy, ""),
        trusted_certificates: vec![authority.trusted.clone()],
        ..NetworkConfig::default()
    })
    .unwrap();
    let response = crate::common::get(&*network.http(), "https://localhost:9443/").await.unwrap();
    assert_eq!(text(&response), "page", "the page came through the tunnel, checked end to end");
    let head = seen.recv().await.unwrap();
    assert_eq!(head[0], "CONNECT localhost:9443 HTTP/1.1", "the proxy saw the host only");
    assert!(
        head.iter().any(|line| line.eq_ignore_ascii_case("proxy-authorization: basic YWdlbnQ6b3BlbiBzZXNhbWU=")),
        "with the same credentials: {head:?}"
    );
}

#[tokio::test]
async fn a_refusing_proxy_is_not_mistaken_for_the_platform() {
    for status in [403, 407, 502] {
        let (proxy, _seen) = connect_proxy(echo().await, status).await;
        let url = Url::parse("ws://far.example/ws").unwrap();
        let failure = network(through(proxy, "")).websocket().dial(url, HeaderMap::new(), SOON).await.err();
        assert_eq!(failure, Some(WebSocketFailure::Connect), "status {status} is the proxy's own");
    }
}

#[tokio::test]
async fn excepted_hosts_and_this_computer_go_directly() {
    let server = echo().await;
    let (proxy, mut seen) = connect_proxy(server, 502).await;
    let url = Url::parse(&format!("ws://{server}/ws")).unwrap();
    let excepted = network(through(proxy, "127.0.0.1"));
    excepted.websocket().dial(url.clone(), HeaderMap::new(), SOON).await.expect("an excepted host is dialled directly");
    network(ProxyChoice::System).websocket().dial(url, HeaderMap::new(), SOON).await.expect("so is this computer");
    assert!(seen.try_recv().is_err(), "the proxy was not asked");
}
