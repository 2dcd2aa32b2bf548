//! What follows from a client's commands. Where the application is asked no lock is held.

use serde_json::{Value, json};

use super::faults::{ConnectHeard, ConnectOutcome, ConnectRefusal, codes};
use super::hub::{ConnectAsked, Connecting, Hub, Out, ServerSub};
use super::wire::{Command, error, fields, read, reply, with_data};
use crate::Moment;

/// A close of the socket that a command leads to.
pub(super) type Close = (u16, &'static str);

/// What a frame was to its sender's connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// It was connected by it.
    pub connected: bool,
    /// It brought a pong.
    pub pong: bool,
}

impl Hub {
    /// A frame of a client. `pinged`: a pong is waited for.
    pub(super) fn receive(&self, id: u64, frame: &str, mut pinged: bool) -> Result<Taken, Close> {
        if frame.trim() != "{}" {
            self.note_frame(frame);
        }
        let commands = read(frame).ok_or(codes::BAD_REQUEST)?;
        let mut taken = Taken::default();
        for command in commands {
            let one = self.command(id, command, pinged)?;
            // One pong for each ping, as on the real server.
            pinged &= !one.pong;
            taken.connected |= one.connected;
            taken.pong |= one.pong;
        }
        Ok(taken)
    }

    fn command(&self, id: u64, command: Command, pinged: bool) -> Result<Taken, Close> {
        let Command { id: number, request } = command;
        let (user, unusable) = {
            let world = self.world();
            let Some(one) = world.connections.get(&id) else { return Ok(Taken::default()) };
            (one.user.clone(), one.unusable)
        };
        if unusable {
            return Err(codes::BAD_REQUEST);
        }
        match (user, request) {
            (None, Some((name, request))) if name == "connect" && number > 0 => self.connect(id, number, &request),
            (None, _) => Err(codes::BAD_REQUEST),
            (Some(_), Some((name, _))) if name == "send" => Err(codes::NOT_AVAILABLE),
            (Some(_), None) if number == 0 && pinged => Ok(Taken { pong: true, ..Taken::default() }),
            (Some(_), _) if number == 0 => Err(codes::BAD_REQUEST),
            (Some(_), None) => Err(codes::BAD_REQUEST),
            (Some(user), Some((name, request))) => self.request(id, &user, number, &name, &request),
        }
    }

    fn connect(&self, id: u64, number: u32, request: &Value) -> Result<Taken, Close> {
        let client = self.world().connections.get(&id).map(|one| one.client.clone()).unwrap_or_default();
        let answer = match self.set_weather(|weather| weather.refuse_connects.pop_front()) {
            Some(refusal) => Connecting::Refused(refusal),
            None => self.app.connect(&ConnectAsked { client, data: request["data"].clone() }),
        };
        let outcome = match &answer {
            Connecting::Welcome { user, .. } => ConnectOutcome::Welcome(user.clone()),
            Connecting::Refused(refusal) => ConnectOutcome::Refused(refusal.clone()),
        };
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        self.world().connects.push(ConnectHeard {
            at: Moment::now(),
            data: request["data"].clone(),
            subs: request["subs"].clone(),
            name: text("name"),
            version: text("version"),
            outcome,
        });
        let connected = match answer {
            Connecting::Welcome { user, channels, data } => {
                self.welcome(id, number, request, user, &channels, data);
                true
            }
            Connecting::Refused(refusal) => {
                self.refuse(id, number, refusal);
                false
            }
        };
        self.changed();
        Ok(Taken { connected, pong: false })
    }

    fn refuse(&self, id: u64, number: u32, refusal: ConnectRefusal) {
        let mut world = self.world();
        let Some(one) = world.connections.get_mut(&id) else { return };
        match refusal {
            ConnectRefusal::Error { code, message, temporary } => {
                one.unusable = true;
                one.say(error(number, code, &message, temporary));
            }
            ConnectRefusal::Close { code, reason } => {
                let _ = one.out.send(Out::Close(code, reason));
            }
            ConnectRefusal::Silence => {}
        }
    }

    /// The subscriptions and the reply in one step, so that no publication comes between.
    fn welcome(
        &self,
        id: u64,
        number: u32,
        request: &Value,
        user: String,
        channels: &[ServerSub],
        data: Option<Value>,
    ) {
        let histories: Vec<bool> = channels.iter().map(|sub| self.app.keeps_history(&sub.channel)).collect();
        let mut world = self.world();
        let mut subs = serde_json::Map::new();
        for (sub, recoverable) in channels.iter().zip(histories) {
            let body = self.subscribed(&mut world, &sub.channel, recoverable, &request["subs"][&sub.channel]);
            subs.insert(sub.channel.clone(), with_data(body, sub.data.clone()));
        }
        let Some(one) = world.connections.get_mut(&id) else { return };
        let result = fields([
            ("client", json!(one.client)),
            ("version", json!(self.options.version)),
            ("ping", json!(self.options.ping.as_secs())),
            ("pong", json!(!self.options.ping.is_zero() && self.options.pong.is_some())),
            ("subs", Value::Object(subs)),
        ]);
        one.user = Some(user);
        one.channels = channels.iter().map(|sub| sub.channel.clone()).collect();
        one.say(reply(number, "connect", with_data(result, data)));
    }

    /// The result of a subscription, with what was missed where that was asked for and can be had.
    fn subscribed(&self, world: &mut super::hub::World, channel: &str, recoverable: bool, asked: &Value) -> Value {
        let mut body = world.position(channel, recoverable);
        let Some(members) = body.as_object_mut().filter(|_| recoverable && asked["recover"] == true) else {
            return body;
        };
        members.insert("was_recovering".to_owned(), json!(true));
        let (epoch, offset) =
            (asked["epoch"].as_str().unwrap_or_default(), asked["offset"].as_u64().unwrap_or_default());
        if let Some(missed) = world.stream(channel).recover(epoch, offset, self.options.recovery_limit) {
            members.insert("recovered".to_owned(), json!(true));
            if !missed.is_empty() {
                let missed: Vec<Value> = missed.iter().map(super::broker::Publication::body).collect();
                members.insert("publications".to_owned(), json!(missed));
            }
            if self.options.offset_of_request {
                members.remove("offset");
                if offset > 0 {
                    members.insert("offset".to_owned(), json!(offset));
                }
            }
        }
        body
    }

    fn request(&self, id: u64, user: &str, number: u32, name: &str, request: &Value) -> Result<Taken, Close> {
        let channel = request["channel"].as_str().unwrap_or_default();
        let names_channel = !matches!(name, "connect" | "rpc" | "refresh");
        // Connecting twice, and refreshing what the application has let in without a token.
        if matches!(name, "connect" | "refresh" | "sub_refresh") || (names_channel && channel.is_empty()) {
            return Err(codes::BAD_REQUEST);
        }
        let answer = match name {
            "subscribe" => self.client_subscribes(id, user, channel, request),
            "unsubscribe" => {
                if let Some(one) = self.world().connections.get_mut(&id) {
                    one.channels.retain(|name| name != channel);
                }
                Ok(json!({}))
            }
            "publish" => self.client_publishes(user, channel, request),
            "history" => self.history(id, channel, request),
            "rpc" => {
                let method = request["method"].as_str().unwrap_or_default();
                self.app.rpc(user, method, &request["data"]).map(|data| json!({ "data": data }))
            }
            // Presence is not kept.
            _ => Err(108),
        };
        let line = match answer {
            Ok(result) => reply(number, name, result),
            Err(code) => {
                let (message, temporary) = codes::error(code);
                error(number, code, message, temporary)
            }
        };
        if let Some(one) = self.world().connections.get(&id) {
            one.say(line);
        }
        Ok(Taken::default())
    }

    fn client_subscribes(&self, id: u64, user: &str, channel: &str, request: &Value) -> Result<Value, u32> {
        self.app.subscribe(user, channel)?;
        let recoverable = self.app.keeps_history(channel);
        let mut world = self.world();
        let body = self.subscribed(&mut world, channel, recoverable, request);
        let one = world.connections.get_mut(&id).ok_or(100_u32)?;
        if one.channels.iter().any(|name| name == channel) {
            return Err(105);
        }
        one.channels.push(channel.to_owned());
        Ok(body)
    }

    fn client_publishes(&self, user: &str, channel: &str, request: &Value) -> Result<Value, u32> {
        let data = request.get("data").ok_or(107_u32)?;
        self.app.publish(user, channel, data)?;
        self.publish(channel, data.clone());
        Ok(json!({}))
    }

    fn history(&self, id: u64, channel: &str, request: &Value) -> Result<Value, u32> {
        if !self.app.keeps_history(channel) {
            return Err(108);
        }
        let mut world = self.world();
        if !world.connections.get(&id).is_some_and(|one| one.channels.iter().any(|name| name == channel)) {
            return Err(103);
        }
        let limit = request["limit"].as_i64().unwrap_or_default();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(self.options.recovery_limit);
        let since = &request["since"];
        let stream = world.stream(channel);
        if since["epoch"].as_str().is_some_and(|epoch| !epoch.is_empty() && epoch != stream.epoch) {
            return Err(112);
        }
        let after = stream.after(since["offset"].as_u64().unwrap_or_default());
        let publications: Vec<Value> = if request["reverse"] == true {
            after.rev().take(limit).map(super::broker::Publication::body).collect()
        } else {
            after.take(limit).map(super::broker::Publication::body).collect()
        };
        Ok(fields([
            ("publications", json!(publications)),
            ("epoch", json!(stream.epoch)),
            ("offset", json!(stream.offset)),
        ]))
    }
}
