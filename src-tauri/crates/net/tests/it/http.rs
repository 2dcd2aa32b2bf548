//! HTTP against a local server: cookies, redirects, limits, failures.

use std::time::Duration;

use crate::common::{SOON, direct, request, serve, text};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get, post};
use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use trunkline_connector::ports::{HttpFailure, Progress, Transfer};
use url::Url;

async fn cookies_seen(headers: HeaderMap) -> String {
    headers.get(header::COOKIE).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn every_account_has_a_cookie_jar_of_its_own() {
    let router = Router::new()
        .route("/set", get(|| async { ([(header::SET_COOKIE, "session=one; Path=/; HttpOnly")], "set") }))
        .route("/deep/see", get(cookies_seen));
    let base = format!("http://{}", serve(router).await);
    let network = direct();
    let (agent_one, agent_two) = (network.http(), network.http());

    crate::common::get(&*agent_one, &format!("{base}/set")).await.unwrap();
    let seen = text(&crate::common::get(&*agent_one, &format!("{base}/deep/see")).await.unwrap());
    assert_eq!(seen, "session=one", "a cookie the server set is sent back");
    let seen = text(&crate::common::get(&*agent_two, &format!("{base}/deep/see")).await.unwrap());
    assert_eq!(seen, "", "but not by another account");

    let url = Url::parse(&format!("{base}/connect/login")).unwrap();
    agent_two.set_cookie(&url, "lily-auth-prod", "abc/def+1==");
    let seen = text(&crate::common::get(&*agent_two, &format!("{base}/deep/see")).await.unwrap());
    assert_eq!(seen, "lily-auth-prod=abc/def+1==", "a cookie put into the jar is sent on every path of the host");
    agent_two.set_cookie(&url, "bad", "x; Domain=evil.example");
    let seen = text(&crate::common::get(&*agent_two, &format!("{base}/deep/see")).await.unwrap());
    assert!(!seen.contains("bad"), "a value with attributes hidden in it is left out");

    agent_two.clear_cookies();
    let seen = text(&crate::common::get(&*agent_two, &format!("{base}/deep/see")).await.unwrap());
    assert_eq!(seen, "", "an emptied jar sends nothing");

    let mut own = request(Method::GET, &format!("{base}/deep/see"));
    own.headers.insert(header::COOKIE, "chosen=1".parse().unwrap());
    let seen = text(&agent_one.send(own).await.unwrap());
    assert_eq!(seen, "chosen=1", "a cookie header of the caller wins over the jar");
}

#[tokio::test]
async fn redirects_are_followed_on_the_same_host_only() {
    let elsewhere = serve(Router::new().fallback(|| async { "elsewhere" })).await;
    let router = Router::new()
        .route(
            "/hops/{left}",
            get(|Path(left): Path<u32>| async move {
                match left {
                    0 => "arrived".into_response(),
                    1 => ([(header::SET_COOKIE, "hop=1")], Redirect::to("/hops/0")).into_response(),
                    more => Redirect::temporary(&format!("/hops/{}", more - 1)).into_response(),
                }
            }),
        )
        .route("/away", get(move || async move { Redirect::to(&format!("http://{elsewhere}/x")) }))
        .route("/other-host", get(|| async { Redirect::to("http://other.example/x") }))
        .route("/echo", any(|method: Method, body: Bytes| async move { format!("{method} {}", body.len()) }))
        .route("/see-other", post(|| async { Redirect::to("/echo") }))
        .route("/again", post(|| async { Redirect::temporary("/echo") }));
    let base = format!("http://{}", serve(router).await);
    let http = direct().http();

    let response = crate::common::get(&*http, &format!("{base}/hops/5")).await.unwrap();
    assert_eq!(text(&response), "arrived", "five redirects are followed");
    let response = crate::common::get(&*http, &format!("{base}/hops/6")).await.unwrap();
    assert_eq!(response.status, StatusCode::SEE_OTHER, "the sixth is handed over as it is");

    for path in ["away", "other-host"] {
        let response = crate::common::get(&*http, &format!("{base}/{path}")).await.unwrap();
        assert_eq!(response.status, StatusCode::SEE_OTHER, "a redirect to {path} is not followed");
        assert!(response.headers.contains_key(header::LOCATION), "and the caller sees where it led");
    }

    let mut sent = request(Method::POST, &format!("{base}/see-other"));
    sent.body = Bytes::from_static(b"12345");
    assert_eq!(text(&http.send(sent).await.unwrap()), "GET 0", "see-other turns into a GET without a body");
    let mut sent = request(Method::POST, &format!("{base}/again"));
    sent.body = Bytes::from_static(b"12345");
    assert_eq!(text(&http.send(sent).await.unwrap()), "POST 5", "a temporary redirect repeats method and body");
}

#[tokio::test]
async fn any_status_is_an_answer() {
    let router = Router::new().route(
        "/{status}",
        get(|Path(status): Path<u16>| async move { (StatusCode::from_u16(status).unwrap(), "why") }),
    );
    let base = format!("http://{}", serve(router).await);
    let http = direct().http();
    for status in [200, 401, 403, 429, 500, 503] {
        let response = crate::common::get(&*http, &format!("{base}/{status}")).await.unwrap();
        assert_eq!((response.status.as_u16(), text(&response).as_str()), (status, "why"), "{status} with its body");
    }
}

#[tokio::test]
async fn what_is_sent_and_received_can_be_watched() {
    let router = Router::new().route(
        "/echo",
        post(|headers: HeaderMap, body: Bytes| async move {
            let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).map(str::to_owned);
            assert_eq!(length, Some(body.len().to_string()), "a watched body has its length in the header");
            body
        }),
    );
    let base = format!("http://{}", serve(router).await);
    let content = Bytes::from((0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>());
    let ((sent, mut watched), (received, came)) = (Progress::new(), Progress::new());
    let mut upload = request(Method::POST, &format!("{base}/echo"));
    upload.body = content.clone();
    upload.transfer = Transfer { sent: Some(sent), received: Some(received), ..Transfer::default() };
    let steps = tokio::spawn(async move {
        let mut steps = Vec::new();
        while watched.changed().await.is_ok() {
            steps.push(*watched.borrow_and_update());
        }
        steps
    });
    let response = direct().http().send(upload).await.unwrap();
    assert_eq!(response.body, content, "the content is whole");
    assert_eq!(*came.borrow(), 300_000, "all of the answer was counted");
    let steps = steps.await.unwrap();
    assert_eq!(steps.last(), Some(&300_000), "all of the request was counted");
    assert!(steps.is_sorted(), "and the count only grows: {steps:?}");
}

#[tokio::test]
async fn too_large_bodies_are_refused_with_and_without_a_length() {
    let exact = Bytes::from(vec![b'x'; Transfer::default().longest]);
    let over = Bytes::from(vec![b'x'; Transfer::default().longest + 1]);
    let chunked = over.clone();
    let router = Router::new()
        .route("/exact", get(|State(body): State<Bytes>| async move { body }))
        .with_state(exact)
        .route("/over", get(move || async move { over }))
        .route(
            "/chunked",
            get(move || async move {
                let chunks: Vec<Result<Bytes, std::io::Error>> =
                    chunked.chunks(64 * 1024).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
                axum::body::Body::from_stream(futures_util::stream::iter(chunks))
            }),
        );
    let base = format!("http://{}", serve(router).await);
    let http = direct().http();
    let response = crate::common::get(&*http, &format!("{base}/exact")).await.unwrap();
    assert_eq!(response.body.len(), Transfer::default().longest, "the limit itself is allowed");
    for path in ["over", "chunked"] {
        let failure = crate::common::get(&*http, &format!("{base}/{path}")).await.unwrap_err();
        assert_eq!(failure, HttpFailure::TooLarge, "one byte more is not ({path})");
    }
}

#[tokio::test]
async fn silence_is_a_timeout_for_head_and_body_alike() {
    let router = Router::new().route("/silent", get(|| async { std::future::pending::<&str>().await })).route(
        "/stuck-body",
        get(|| async {
            let first = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begin"))]);
            let never = futures_util::stream::pending();
            axum::body::Body::from_stream(futures_util::StreamExt::chain(first, never))
        }),
    );
    let base = format!("http://{}", serve(router).await);
    let http = direct().http();
    for path in ["silent", "stuck-body"] {
        let mut sent = request(Method::GET, &format!("{base}/{path}"));
        sent.timeout = Duration::from_millis(200);
        let failure = tokio::time::timeout(SOON, http.send(sent)).await.expect("ends by itself").unwrap_err();
        assert_eq!(failure, HttpFailure::Timeout, "{path} runs into the deadline");
    }
}

#[tokio::test]
async fn unreachable_broken_and_nonsense_servers_are_told_apart() {
    let http = direct().http();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let failure = crate::common::get(&*http, &format!("http://{nobody}/")).await.unwrap_err();
    assert_eq!(failure, HttpFailure::Connect, "nobody listens");
    let failure = crate::common::get(&*http, "http://no-such-host.invalid/").await.unwrap_err();
    assert_eq!(failure, HttpFailure::Connect, "the name does not exist");

    for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "\x00\x01\x02 nonsense\r\n\r\n", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let _ = socket.read(&mut head).await.unwrap();
            socket.write_all(answer.as_bytes()).await.unwrap();
        });
        let failure = crate::common::get(&*http, &format!("http://{address}/")).await.unwrap_err();
        assert_eq!(failure, HttpFailure::Broken, "an exchange that stops after {answer:?} is broken");
    }
}

#[tokio::test]
async fn our_name_is_sent_unless_the_caller_chose_another() {
    let router = Router::new().fallback(|headers: HeaderMap| async move {
        headers.get(header::USER_AGENT).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    });
    let base = format!("http://{}", serve(router).await);
    let http = direct().http();
    let seen = text(&crate::common::get(&*http, &base).await.unwrap());
    assert!(seen.starts_with("Trunkline/"), "the program names itself: {seen}");
    let mut own = request(Method::GET, &base);
    own.headers.insert(header::USER_AGENT, "other".parse().unwrap());
    assert_eq!(text(&http.send(own).await.unwrap()), "other", "a connector may choose");
}
