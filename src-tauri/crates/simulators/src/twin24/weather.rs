//! Bad weather, for tests.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::Twin24Error;
use super::faults::Failure;
use super::options::TokenRefusal;
use super::sim::Twin24Sim;
use crate::centrifugo::{CentrifugoWeather, ConnectRefusal, codes};

/// The services.
impl Twin24Sim {
    /// The next requests whose `METHOD PATH` contains that text fail, so many. A text of `""` is all.
    pub fn fail_next(&self, part: &str, failure: Failure, times: usize) {
        self.hub().set_faults(|faults| faults.rest.push((part.to_owned(), failure, times)));
    }

    /// The next request whose `METHOD PATH` contains that text is answered with that document.
    pub fn answer_next(&self, part: &str, document: &Value) {
        self.fail_next(part, Failure::Answer(200, document.to_string()), 1);
    }

    /// No request fails any more.
    pub fn fail_none(&self) {
        self.hub().set_faults(|faults| faults.rest.clear());
    }

    /// Every answer of the services is that late from now on.
    pub fn slow_down(&self, delay: Duration) {
        self.hub().set_faults(|faults| faults.delay = delay);
    }

    /// Log-ins are refused with that status, or taken again.
    pub fn refuse_logins(&self, status: Option<u16>) {
        self.hub().set_faults(|faults| faults.logins = status);
    }

    /// Refreshes are refused with that status, or taken again.
    pub fn refuse_refreshes(&self, status: Option<u16>) {
        self.hub().set_faults(|faults| faults.refreshes = status);
    }

    /// No access token made so far is taken any more; those that are made from now on are.
    pub fn expire_tokens(&self, how: TokenRefusal) {
        self.hub().mint.end_access(how);
    }

    /// No refresh token made so far is taken any more.
    pub fn expire_refresh_tokens(&self) {
        self.hub().mint.end_refresh();
    }

    /// The platform's clock is so many seconds ahead, or behind, from now on.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.hub().act(|world| world.skew = seconds.saturating_mul(1000));
    }

    /// The services are away for that long, on the same port afterwards; what they knew stays.
    pub async fn restart(&self, down: Duration) {
        self.doors().restart(down).await;
    }

    /// Cuts all connections to the services.
    pub fn drop_rest_connections(&self) {
        self.doors().cut_all();
    }
}

/// The live events at the own endpoint; a real Centrifugo has only what its server API can do: [`Twin24Sim::disconnect`]
/// and subscriptions.
impl Twin24Sim {
    /// Changes the weather of the events.
    pub fn events_weather(&self, change: impl FnOnce(&mut CentrifugoWeather)) {
        if let Some(own) = self.own() {
            own.hub.set_weather(change);
        }
    }

    /// The next connects are turned down that way, so many.
    pub fn refuse_connects(&self, refusal: &ConnectRefusal, times: usize) {
        self.events_weather(|weather| weather.refuse_connects.extend(std::iter::repeat_n(refusal.clone(), times)));
    }

    /// Sockets are refused with that HTTP status, or taken again.
    pub fn refuse_sockets(&self, status: Option<u16>) {
        self.events_weather(|weather| weather.refuse = status);
    }

    /// Nothing is said and nothing is heard, not even pings; sockets stay open.
    pub fn silence(&self, silent: bool) {
        self.events_weather(|weather| weather.silent = silent);
    }

    /// So many events are never sent; a recoverable channel has them all the same.
    pub fn lose_events(&self, times: usize) {
        self.events_weather(|weather| weather.lose_publications = times);
    }

    /// Every event arrives twice.
    pub fn duplicate_events(&self, twice: bool) {
        self.events_weather(|weather| weather.twice = twice);
    }

    /// Every frame of the events is that late.
    pub fn slow_events(&self, delay: Duration) {
        self.events_weather(|weather| weather.delay = delay);
    }

    /// Cuts all sockets without a word.
    pub fn drop_sockets(&self) {
        if let Some(own) = self.own() {
            own.hub.cut_all();
        }
    }

    /// Closes all sockets with any code.
    pub fn close_sockets(&self, code: u16, reason: &str) {
        if let Some(own) = self.own() {
            own.hub.close_all(code, reason);
        }
    }

    /// Closes an operator's sockets with any code.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn close_sockets_of(&self, email: &str, code: u16, reason: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        if let Some(own) = self.own() {
            own.hub.close(&id.to_string(), code, reason);
        }
        Ok(())
    }

    /// The node goes: 3001 for all.
    pub fn drain(&self) {
        self.close_sockets(codes::SHUTDOWN.0, codes::SHUTDOWN.1);
    }

    /// A `disconnect` push to an operator; the sockets stay open.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn disconnect_push(&self, email: &str, code: u16, reason: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        if let Some(own) = self.own() {
            own.hub.disconnect_push(&id.to_string(), code, reason);
        }
        Ok(())
    }

    /// Disconnects an operator's clients, through a real Centrifugo too.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`], [`Twin24Error::Api`].
    pub async fn disconnect(&self, email: &str, code: u16, reason: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?.to_string();
        match self.api() {
            Some(api) => api.disconnect(&id, code, reason).await.map(|_| ()).map_err(Twin24Error::from),
            None => self.close_sockets_of(email, code, reason),
        }
    }

    /// One subscription more for an operator's clients, by a push; through a real Centrifugo too.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`], [`Twin24Error::Api`].
    pub async fn subscribe(&self, email: &str, channel: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?.to_string();
        if let Some(api) = self.api() {
            api.subscribe(&id, channel).await?;
        } else if let Some(own) = self.own() {
            own.hub.subscribe(&id, channel, None);
        }
        Ok(())
    }

    /// One subscription less, by a push; through a real Centrifugo too, which has a code of its own.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`], [`Twin24Error::Api`].
    pub async fn unsubscribe(&self, email: &str, channel: &str, code: u16, reason: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?.to_string();
        if let Some(api) = self.api() {
            api.unsubscribe(&id, channel).await?;
        } else if let Some(own) = self.own() {
            own.hub.unsubscribe(&id, channel, code, reason);
        }
        Ok(())
    }

    /// A message to an operator's clients that belongs to no channel.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn message(&self, email: &str, data: &Value) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        if let Some(own) = self.own() {
            own.hub.message(&id.to_string(), data);
        }
        Ok(())
    }

    /// A push of any kind to an operator's clients.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn push(&self, email: &str, channel: &str, kind: &str, body: &Value) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        if let Some(own) = self.own() {
            own.hub.push(&id.to_string(), channel, kind, body);
        }
        Ok(())
    }

    /// A frame as it is to an operator's clients; it may be no protocol at all.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn raw_frame(&self, email: &str, frame: &str) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        if let Some(own) = self.own() {
            own.hub.raw(&id.to_string(), frame);
        }
        Ok(())
    }

    /// All streams begin a new epoch: nobody recovers.
    pub fn new_epoch(&self) {
        if let Some(own) = self.own() {
            own.hub.begin_anew();
        }
    }

    /// All streams lose what they kept; positions stay.
    pub fn forget_history(&self) {
        if let Some(own) = self.own() {
            own.hub.forget_history();
        }
    }

    /// The events are away for that long, on the same port afterwards, streams kept; the services stay.
    pub async fn restart_events(&self, down: Duration) {
        if let Some(own) = self.own() {
            own.doors.restart(down).await;
        }
    }

    /// So many events at once, of clients who come online and go offline, none of them in a session of the platform.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn burst(&self, email: &str, count: usize) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        self.hub().act(|world| {
            for n in 0..count {
                let name = if n % 2 == 0 { "clientOnline" } else { "clientOffline" };
                let at = super::shapes::stamp(world, world.now());
                world.tell(
                    id,
                    name,
                    json!({ "sessionId": format!("burst-{n}"), "clientId": format!("c-{n}"), "at": at }),
                );
            }
        });
        Ok(())
    }
}
