//! WebSockets against a local server.

use std::time::Duration;

use crate::common::{SOON, direct, serve};
use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use trunkline_connector::ports::{Frame, WebSocketFailure, WebSocketReceive, WebSocketSend};
use trunkline_net::MAX_MESSAGE;
use url::Url;

type Halves = (Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>);

async fn dial(url: &str) -> Result<Halves, WebSocketFailure> {
    direct().websocket().dial(Url::parse(url).unwrap(), HeaderMap::new(), SOON).await
}

async fn next(receive: &mut Box<dyn WebSocketReceive>) -> Result<Frame, WebSocketFailure> {
    tokio::time::timeout(SOON, receive.receive()).await.expect("something comes in time")
}

/// A server whose sockets are handled by `handle`.
async fn socket_server<F, R>(handle: F) -> String
where
    F: Fn(WebSocket) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let router = Router::new().route(
        "/ws",
        any(move |upgrade: WebSocketUpgrade| {
            let handle = handle.clone();
            async move { upgrade.max_message_size(8 * MAX_MESSAGE).on_upgrade(handle) }
        }),
    );
    format!("ws://{}/ws", serve(router).await)
}

#[tokio::test]
async fn text_and_bytes_come_back_from_an_echo() {
    let url = socket_server(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_) | Message::Binary(_)) {
                socket.send(message).await.unwrap();
            }
        }
    })
    .await;
    let (mut send, mut receive) = dial(&url).await.unwrap();
    for frame in [
        Frame::Text("Grüße".to_owned()),
        Frame::Binary(Bytes::from_static(&[0, 255, 1])),
        Frame::Text("x".repeat(MAX_MESSAGE)),
    ] {
        send.send(frame.clone()).await.unwrap();
        assert_eq!(next(&mut receive).await.unwrap(), frame, "the frame comes back as it was sent");
    }
    let failure = send.send(Frame::Text("x".repeat(MAX_MESSAGE + 1))).await.unwrap_err();
    assert_eq!(failure, WebSocketFailure::TooLarge, "a message over the limit is not sent");
    send.send(Frame::Text("still".to_owned())).await.unwrap();
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Text("still".to_owned()), "and the socket still works");
}

#[tokio::test]
async fn headers_of_the_caller_arrive() {
    let (seen, mut log) = mpsc::unbounded_channel();
    let router = Router::new().route(
        "/ws",
        any(move |headers: HeaderMap, upgrade: WebSocketUpgrade| {
            seen.send(headers).unwrap();
            async move { upgrade.on_upgrade(|_| async {}) }
        }),
    );
    let url = Url::parse(&format!("ws://{}/ws?x=1", serve(router).await)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("origin", "https://one.example".parse().unwrap());
    direct().websocket().dial(url, headers, SOON).await.unwrap();
    let headers = log.recv().await.unwrap();
    assert_eq!(headers["origin"], "https://one.example", "a header given is sent");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("Trunkline/"), "and our name");
}

#[tokio::test]
async fn protocol_pings_are_answered_underneath() {
    let (answered, mut log) = mpsc::unbounded_channel();
    let url = socket_server(move |mut socket| {
        let answered = answered.clone();
        async move {
            socket.send(Message::Ping(Bytes::from_static(b"alive?"))).await.unwrap();
            while let Some(Ok(message)) = socket.recv().await {
                if let Message::Pong(payload) = message {
                    answered.send(payload).unwrap();
                    socket.send(Message::Text("after the ping".into())).await.unwrap();
                }
            }
        }
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    let frame = next(&mut receive).await.unwrap();
    assert_eq!(frame, Frame::Text("after the ping".to_owned()), "a ping is not shown to the connector");
    assert_eq!(log.recv().await.unwrap(), "alive?", "but was answered with its payload");
}

#[tokio::test]
async fn receiving_may_be_cancelled_without_losing_a_message() {
    let (go, gate) = tokio::sync::watch::channel(false);
    let url = socket_server(move |mut socket| {
        let mut gate = gate.clone();
        async move {
            gate.wait_for(|open| *open).await.unwrap();
            socket.send(Message::Text("kept".into())).await.unwrap();
            std::future::pending::<()>().await;
        }
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    for _ in 0..50 {
        let early = tokio::time::timeout(Duration::from_millis(1), receive.receive()).await;
        assert!(early.is_err(), "nothing was sent yet");
    }
    go.send(true).unwrap();
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Text("kept".to_owned()), "the message is still there");
}

#[tokio::test]
async fn closing_is_told_with_its_code_on_both_sides() {
    let url = socket_server(|mut socket| async move {
        let close = CloseFrame { code: 4003, reason: "elsewhere".into() };
        socket.send(Message::Close(Some(close))).await.unwrap();
        // The closing handshake completes only when the peer answers.
        while let Some(Ok(_)) = socket.recv().await {}
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Close(4003), "the server's code");
    assert_eq!(next(&mut receive).await.unwrap_err(), WebSocketFailure::Broken, "and nothing afterwards");

    let url = socket_server(|mut socket| async move {
        socket.send(Message::Close(None)).await.unwrap();
        while let Some(Ok(_)) = socket.recv().await {}
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Close(1005), "no code is 1005");

    let (seen, mut log) = mpsc::unbounded_channel();
    let url = socket_server(move |mut socket| {
        let seen = seen.clone();
        async move {
            while let Some(Ok(message)) = socket.recv().await {
                seen.send(message).unwrap();
            }
        }
    })
    .await;
    let (mut send, mut receive) = dial(&url).await.unwrap();
    send.send(Frame::Close(4000)).await.unwrap();
    let message = tokio::time::timeout(SOON, log.recv()).await.unwrap().unwrap();
    assert!(matches!(&message, Message::Close(Some(close)) if close.code == 4000), "the server sees it: {message:?}");
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Close(4000), "and its answer comes back");
}

#[tokio::test]
async fn an_oversized_message_is_refused() {
    let url = socket_server(|mut socket| async move {
        socket.send(Message::Text("x".repeat(MAX_MESSAGE + 1).into())).await.ok();
        std::future::pending::<()>().await;
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    assert_eq!(next(&mut receive).await.unwrap_err(), WebSocketFailure::TooLarge, "over 1 MiB");
    assert_eq!(next(&mut receive).await.unwrap_err(), WebSocketFailure::Broken, "the socket is over then");
}

#[tokio::test]
async fn a_drop_without_a_close_is_broken() {
    let url = socket_server(|mut socket| async move {
        socket.send(Message::Text("last words".into())).await.unwrap();
    })
    .await;
    let (_send, mut receive) = dial(&url).await.unwrap();
    assert_eq!(next(&mut receive).await.unwrap(), Frame::Text("last words".to_owned()), "what came before is kept");
    assert_eq!(next(&mut receive).await.unwrap_err(), WebSocketFailure::Broken, "then the drop is told");
}

#[tokio::test]
async fn a_server_that_answers_otherwise_refuses() {
    for status in [401u16, 403, 404, 429, 503, 200] {
        let router = Router::new().fallback(move || async move { (StatusCode::from_u16(status).unwrap(), "no") });
        let failure = dial(&format!("ws://{}/ws", serve(router).await)).await.err();
        assert_eq!(failure, Some(WebSocketFailure::Refused(status)), "with its status");
    }
}

#[tokio::test]
async fn unreachable_silent_and_wrong_addresses_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    assert_eq!(dial(&format!("ws://{nobody}/")).await.err(), Some(WebSocketFailure::Connect), "nobody listens");
    assert_eq!(dial("http://127.0.0.1:1/").await.err(), Some(WebSocketFailure::Connect), "not a WebSocket address");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = silent.accept().await.unwrap();
        let mut bytes = [0; 1024];
        while socket.read(&mut bytes).await.unwrap_or(0) > 0 {}
    });
    let url = Url::parse(&format!("ws://{address}/")).unwrap();
    let failure = direct().websocket().dial(url, HeaderMap::new(), Duration::from_millis(200)).await.err();
    assert_eq!(failure, Some(WebSocketFailure::Timeout), "a server that never answers");
}
