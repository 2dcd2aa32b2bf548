//! Softphone signalling: JSON-RPC over the topic `aws/softphone`.
//!
//! | request | answer |
//! | --- | --- |
//! | invite, first | answer SDP, candidates, ids; starts the peer |
//! | invite, again from the same socket while the peer lives | error 409 |
//! | invite, again from another open socket | error 486 |
//! | invite, again after bye or from a new socket when the old is gone | a new peer |
//! | invite with iceRestart and the given token | answer of the same peer |
//! | accept, bye, disconnectContact | empty result |
//! | connectContact | `persistent.rs`; else error 400 `Stale Peer Connection` |
//! | any, for an unknown or finished call | error 404 |

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Call, lock};
use super::error::SimError;
use super::faults::SignallingFault;
use super::options::{AnswerForm, PersistentConnection};
use super::peer::{self, Answer, PeerOptions};
use super::persistent;
use super::shared::Shared;
use crate::Moment;

const TOPIC: &str = "aws/softphone";

/// Code and text of a JSON-RPC error.
type Failure = (u16, String);

/// A frame of the client with topic `aws/softphone`.
pub(crate) fn frame(shared: &Arc<Shared>, agent: &str, socket: u64, frame: &Value) {
    let message = frame["jsonRpcMsg"].clone();
    let connection = frame["connectionId"].as_str().unwrap_or("").to_owned();
    let Some(method) = message["method"].as_str().map(str::to_owned) else {
        answered(shared, agent, &connection, &message);
        return;
    };
    let note = shared.note_request(&format!("signalling {method}"), Some(agent.to_owned()));
    let fault = lock(&shared.faults).take_signalling(&method);
    let (shared, agent) = (shared.clone(), agent.to_owned());
    let work = {
        let shared = shared.clone();
        async move {
            let params = &message["params"];
            let result = match fault {
                Some(SignallingFault::Silence) => return,
                Some(SignallingFault::Error(code)) => Err((code, format!("asked for by the test: {code}"))),
                None => {
                    let call = find(&shared, &agent, &connection, params);
                    request(&shared, &agent, call, socket, &method, params).await
                }
            };
            let mut reply = json!({ "jsonrpc": "2.0", "id": message["id"] });
            match result {
                Ok(result) => {
                    shared.note_status(note, 200);
                    reply["result"] = result;
                }
                Err((code, text)) => {
                    shared.note_status(note, code);
                    reply["error"] = json!({ "code": code, "message": text });
                }
            }
            send(&shared, &agent, Some(socket), &connection, &reply);
        }
    };
    shared.later(work);
}

fn find(shared: &Shared, agent: &str, connection: &str, params: &Value) -> Option<Arc<Call>> {
    let text = |name: &str| params[name].as_str().unwrap_or("").to_owned();
    let (context, contact, pc) = (text("callContextToken"), text("contactId"), text("peerConnectionId"));
    let calls = shared.calls.borrow();
    let mine = |wanted: &dyn Fn(&Call) -> bool| calls.iter().rev().find(|c| c.agent == agent && wanted(c)).cloned();
    mine(&|c| c.call_context_token == context)
        .or_else(|| mine(&|c| c.contact_id == contact))
        .or_else(|| mine(&|c| lock(&c.peer_ids).as_ref().is_some_and(|ids| ids.0 == pc)))
        .or_else(|| mine(&|c| c.agent_connection == connection))
}

async fn request(
    shared: &Arc<Shared>,
    agent: &str,
    call: Option<Arc<Call>>,
    socket: u64,
    method: &str,
    params: &Value,
) -> Result<Value, Failure> {
    let not_found = || (404, "Call not found".to_owned());
    match method {
        "invite" if params["iceRestart"] == true => {
            let call = call.ok_or_else(not_found)?;
            restart(shared, &call, params).await
        }
        "invite" => {
            let call = call.ok_or_else(not_found)?;
            invite(shared, &call, socket, params).await
        }
        "accept" => {
            let call = call.ok_or_else(not_found)?;
            call.note(|f| f.signalling_accept = Some(Moment::now()));
            Ok(json!({}))
        }
        "bye" => {
            if persistent::end(shared, agent, params["peerConnectionId"].as_str().unwrap_or("")) {
                lock(&shared.kept_byes).push(Moment::now());
                return Ok(json!({}));
            }
            let call = call.ok_or_else(not_found)?;
            call.note(|f| f.client_bye = Some(Moment::now()));
            call.end_media();
            Ok(json!({}))
        }
        "disconnectContact" => {
            let call = call.ok_or_else(not_found)?;
            call.note(|f| f.disconnect_contact = Some(Moment::now()));
            call.end_media();
            Ok(json!({}))
        }
        "connectContact" => {
            let (peer, ids) =
                persistent::find(shared, agent, params).ok_or((400, "Stale Peer Connection".to_owned()))?;
            let call = call.filter(|call| is_live(shared, call)).ok_or_else(not_found)?;
            persistent::connect(shared, &call, peer, ids);
            Ok(json!({}))
        }
        _ => Err((400, "unknown method".to_owned())),
    }
}

fn is_live(shared: &Shared, call: &Arc<Call>) -> bool {
    lock(&shared.world).agent(&call.agent).is_some_and(|agent| {
        agent.contacts.iter().any(|c| Arc::ptr_eq(&c.call, call) && matches!(c.state, "connecting" | "connected"))
    })
}

async fn invite(shared: &Arc<Shared>, call: &Arc<Call>, socket: u64, params: &Value) -> Result<Value, Failure> {
    call.note(|f| f.invites.push(Moment::now()));
    if !is_live(shared, call) {
        return Err((404, "Call not found".to_owned()));
    }
    if call.has_live_peer() {
        let first = *lock(&call.inviter);
        if first == Some(socket) {
            return Err((409, "The call has a peer connection already".to_owned()));
        }
        if first.is_some_and(|id| lock(&shared.sockets).is_open(id)) {
            return Err((486, "Busy here".to_owned()));
        }
        call.end_media();
    }
    let (sdp, candidates) = offer(params)?;
    let options = PeerOptions { address: shared.options.peer_address, before_accept: shared.options.before_accept };
    let on_connected = {
        let shared = Arc::downgrade(shared);
        Box::new(move |call: &Arc<Call>| {
            if let Some(shared) = shared.upgrade() {
                let _ = shared.act(|world| world.media_connected(call));
            }
        })
    };
    let for_peer = call.clone();
    let made = tokio::task::spawn_blocking(move || peer::answer(&for_peer, &sdp, &candidates, options, on_connected))
        .await
        .map_err(|e| (500, e.to_string()))?;
    let (answer, handle) = made.map_err(|e| refused(&e))?;
    let handle = Arc::new(handle);
    shared.peers_made.fetch_add(1, Ordering::SeqCst);
    *lock(&call.peer) = Some(handle.clone());
    *lock(&call.inviter) = Some(socket);
    let ids =
        (format!("pc-{}", uuid::Uuid::new_v4()), format!("peer-connection-token-{}", uuid::Uuid::new_v4().simple()));
    let persistent = lock(&shared.world).agent(&call.agent).map_or(PersistentConnection::Off, |a| a.options.persistent);
    let asked = params["persistentConnection"] == true;
    if asked && persistent != PersistentConnection::Allowed {
        let mut result = result(shared, answer, &ids);
        for name in ["peerConnectionId", "peerConnectionToken"] {
            result.as_object_mut().map(|members| members.remove(name));
        }
        result["inactivityDuration"] = json!(0);
        return Ok(result);
    }
    *lock(&call.peer_ids) = Some(ids.clone());
    if asked && shared.options.answer == AnswerForm::MediaCluster {
        persistent::keep(shared, call, &ids, &handle);
    }
    Ok(result(shared, answer, &ids))
}

async fn restart(shared: &Arc<Shared>, call: &Arc<Call>, params: &Value) -> Result<Value, Failure> {
    let now = Moment::now();
    call.note(|f| {
        f.invites.push(now);
        f.ice_restarts.push(now);
    });
    let ids = lock(&call.peer_ids)
        .clone()
        .filter(|ids| params["peerConnectionToken"] == ids.1.as_str())
        .ok_or((403, "Access denied".to_owned()))?;
    let (sdp, candidates) = offer(params)?;
    let kept = persistent::find(shared, &call.agent, params).map(|(peer, _)| peer);
    let answer = kept
        .or_else(|| lock(&call.peer).clone())
        .filter(|peer| peer.is_alive())
        .map(|peer| peer.restart(sdp, candidates))
        .ok_or((404, "Call not found".to_owned()))?;
    let answer = answer.await.map_err(|_| (404, "Call not found".to_owned()))?.map_err(|e| refused(&e))?;
    Ok(result(shared, answer, &ids))
}

fn refused(error: &SimError) -> Failure {
    (400, error.to_string())
}

/// SDP and candidate lines of an invite.
fn offer(params: &Value) -> Result<(String, Vec<String>), Failure> {
    let sdp = params["sdp"].as_str().unwrap_or("").to_owned();
    let candidates: Vec<String> = params["candidates"]
        .as_array()
        .map(|list| {
            list.iter().filter_map(|c| c["candidate"].as_str()).filter(|c| !c.is_empty()).map(str::to_owned).collect()
        })
        .unwrap_or_default();
    if sdp.is_empty() || candidates.is_empty() {
        return Err((400, "an invite needs sdp and candidates".to_owned()));
    }
    Ok((sdp, candidates))
}

fn result(shared: &Shared, answer: Answer, ids: &(String, String)) -> Value {
    let candidates: Vec<Value> = answer
        .candidates
        .iter()
        .map(|c| {
            json!({
                "candidate": c.trim_start_matches("a="),
                "sdpMid": "0",
                "sdpMLineIndex": 0,
            })
        })
        .collect();
    match shared.options.answer {
        AnswerForm::MediaCluster => json!({
            "sdp": answer.sdp,
            "candidates": candidates,
            "inactivityDuration": u64::try_from(shared.options.inactivity.as_millis()).unwrap_or(u64::MAX),
            "peerConnectionId": ids.0,
            "peerConnectionToken": ids.1,
        }),
        AnswerForm::Legacy => {
            // What the client tells the older path by.
            let sdp = answer.sdp.replacen("\r\ns=-\r\n", "\r\ns=AmazonConnect\r\n", 1);
            json!({
                "sdp": format!("{sdp}a=silenceSupp:off - - - -\r\n"),
                "candidates": candidates,
            })
        }
    }
}

/// The client's reply to a request of ours.
fn answered(shared: &Shared, agent: &str, connection: &str, message: &Value) {
    let id = message["id"].as_str().unwrap_or("");
    let calls = shared.calls.borrow();
    let call = calls.iter().find(|c| c.agent == agent && (id == bye_id(c) || c.agent_connection == connection));
    if let Some(call) = call {
        call.note(|f| f.bye_answered = Some(Moment::now()));
        call.end_media();
    }
}

fn bye_id(call: &Call) -> String {
    format!("srv-{}", call.contact_id)
}

/// Tells the client that the call is over; the peer goes when the client has
/// answered, at the latest after 2 s.
pub(crate) fn server_bye(shared: &Arc<Shared>, call: &Arc<Call>) {
    if !call.has_live_peer() {
        return;
    }
    if lock(&call.peer).as_ref().is_some_and(|peer| peer.is_kept()) {
        // A bye would end the whole connection. The client sees the end in the snapshot and leaves.
        let call = call.clone();
        shared.later(async move {
            let mut facts = call.facts.subscribe();
            let left = facts.wait_for(|f| f.disconnect_contact.is_some());
            let _ = tokio::time::timeout(Duration::from_secs(2), left).await;
            call.end_media();
        });
        return;
    }
    let message = json!({ "jsonrpc": "2.0", "method": "bye", "params": {}, "id": bye_id(call) });
    send(shared, &call.agent, None, &call.agent_connection, &message);
    let call = call.clone();
    shared.later(async move {
        let mut facts = call.facts.subscribe();
        let answered = facts.wait_for(|f| f.bye_answered.is_some() || f.client_bye.is_some());
        let _ = tokio::time::timeout(Duration::from_secs(2), answered).await;
        call.end_media();
    });
}

/// The server drops the peer connection itself.
pub(crate) fn peer_connection_bye(shared: &Shared, call: &Call) {
    let ids = lock(&call.peer_ids).clone();
    if let Some((id, _)) = ids {
        persistent::end(shared, &call.agent, &id);
        tell_pc_bye(shared, &call.agent, &call.agent_connection, &id);
    }
    call.end_media();
}

pub(crate) fn tell_pc_bye(shared: &Shared, agent: &str, connection: &str, id: &str) {
    // peerConnectionId stands beside the method, not in params.
    let message = json!({ "jsonrpc": "2.0", "method": "PCBye", "peerConnectionId": id });
    send(shared, agent, None, connection, &message);
}

/// Incoming frames carry their content as text.
fn send(shared: &Shared, agent: &str, to: Option<u64>, connection: &str, message: &Value) {
    let content = json!({ "connectionId": connection, "jsonRpcMsg": message }).to_string();
    let frame = json!({ "topic": TOPIC, "contentType": "application/json", "content": content });
    let text = frame.to_string();
    let times = if lock(&shared.faults).duplicate { 2 } else { 1 };
    for _ in 0..times {
        lock(&shared.sockets).send(agent, to, TOPIC, &text);
    }
}
