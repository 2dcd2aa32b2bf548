//! The running simulator: start, clients, operators, and waiting.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;

use super::backend::{Backend, Own, Platform, Real};
use super::error::Twin24Error;
use super::faults::Heard;
use super::hub::Hub;
use super::options::{ClientOffer, EventsThrough, OperatorStatus, Twin24Options};
use super::rest;
use super::sim_session::SimSession;
use super::state::StoredFile;
use super::world::new_id;
use crate::centrifugo::{self, CentrifugoApi, CentrifugoLaunch, ConnectHeard, Dialled, Door, Doors, RunningCentrifugo};

/// A running platform. Ends when the last handle is dropped.
#[derive(Clone)]
pub struct Twin24Sim(Arc<Running>);

struct Running {
    hub: Arc<Hub>,
    doors: Arc<Doors>,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.stop.cancel();
        self.doors.cut_all();
        if let Some(Backend::Own(own)) = self.hub.backend.get() {
            own.hub.stop.cancel();
        }
    }
}

impl Twin24Sim {
    /// Starts it.
    ///
    /// # Errors
    /// [`Twin24Error::Listen`] without a port, [`Twin24Error::Events`] without live events.
    pub async fn start(options: Twin24Options) -> Result<Self, Twin24Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let hub = Hub::new(options);
        hub.act(|world| world.address = format!("http://{address}"));
        let backend = backend(&hub, address).await?;
        let _ = hub.backend.set(backend);
        let doors = Doors::new();
        let door = Door { listener, doors: doors.clone() };
        let service = rest::router(&hub).into_make_service_with_connect_info::<centrifugo::Peer>();
        let stop = hub.stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(door, service) => {
                    if let Err(error) = served {
                        tracing::warn!(%error, "the simulator's listener ended");
                    }
                }
                () = stop.cancelled() => {}
            }
        });
        Ok(Self(Arc::new(Running { hub, doors, address })))
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    pub(super) fn doors(&self) -> &Doors {
        &self.0.doors
    }

    /// The simulator's own endpoint, where it is in use.
    pub(super) fn own(&self) -> Option<&Own> {
        match self.hub().backend.get() {
            Some(Backend::Own(own)) => Some(own),
            _ => None,
        }
    }

    /// The server API of a real Centrifugo, where one is in use.
    pub(super) fn api(&self) -> Option<&CentrifugoApi> {
        match self.hub().backend.get() {
            Some(Backend::Real(real)) => Some(&real.api),
            _ => None,
        }
    }

    /// Address of the service IAM, with its version and without a slash.
    #[must_use]
    pub fn iam_url(&self) -> String {
        format!("http://{}{}", self.0.address, rest::IAM)
    }

    /// Address of the Chat API, likewise.
    #[must_use]
    pub fn chat_url(&self) -> String {
        format!("http://{}{}", self.0.address, rest::CHAT)
    }

    /// Address of the live events' WebSocket.
    #[must_use]
    pub fn events_url(&self) -> String {
        self.hub().backend.get().map(Backend::url).unwrap_or_default()
    }

    /// What a real Centrifugo has to ask as its connect proxy.
    #[must_use]
    pub fn connect_proxy_url(&self) -> String {
        format!("http://{}{}", self.0.address, rest::PROXY)
    }

    /// How it was started.
    #[must_use]
    pub fn options(&self) -> &Twin24Options {
        &self.hub().options
    }

    /// The id of an operator.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn operator_id(&self, email: &str) -> Result<u64, Twin24Error> {
        let found = self.hub().read(|world| world.operator_by_mail(email).map(|one| one.profile.id));
        found.ok_or_else(|| Twin24Error::UnknownOperator(email.to_owned()))
    }

    /// A client begins a session.
    ///
    /// # Errors
    /// [`Twin24Error::Unknown`] for a group, [`Twin24Error::UnknownOperator`].
    pub fn client_starts(&self, offer: ClientOffer) -> Result<SimSession, Twin24Error> {
        let mut groups = self.options().groups.iter();
        let group = match &offer.group {
            Some(name) => groups.find(|group| group.name == *name),
            None => groups.next(),
        };
        let group = group.ok_or_else(|| Twin24Error::Unknown("group", offer.group.clone().unwrap_or_default()))?.id;
        let operator = match &offer.operator {
            Some(email) => Some(self.operator_id(email)?),
            None => None,
        };
        let id = self.hub().act(|world| world.begin(&offer, group, operator));
        Ok(SimSession::new(self.clone(), id))
    }

    /// All sessions so far, the oldest first; finished ones of [`Self::finished`] too.
    #[must_use]
    pub fn sessions(&self) -> Vec<SimSession> {
        let ids: Vec<String> = self.hub().read(|world| world.sessions.iter().map(|one| one.id.clone()).collect());
        ids.into_iter().map(|id| SimSession::new(self.clone(), id)).collect()
    }

    /// Fills the archive with so many finished sessions.
    pub fn finished(&self, count: usize) {
        self.hub().act(|world| world.fill_archive(count));
    }

    /// An operator's state; offline for somebody unknown.
    #[must_use]
    pub fn status(&self, email: &str) -> OperatorStatus {
        let found = self.hub().read(|world| world.operator_by_mail(email).map(|one| one.status));
        found.unwrap_or(OperatorStatus::Offline)
    }

    /// A supervisor changes an operator's state; no event tells of it.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn sets_status(&self, email: &str, status: OperatorStatus) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        self.hub().act(|world| world.set_status(id, status));
        Ok(())
    }

    /// The operator is banned on the platform: told by event, tokens are refused from now on.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn operator_blocked(&self, email: &str, reason: &str) -> Result<(), Twin24Error> {
        self.about_operator(email, Some(OperatorStatus::Blocked), "operatorBlocked", reason)
    }

    /// The operator is put offline: told by event, tokens stay good.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn operator_logged_out(&self, email: &str) -> Result<(), Twin24Error> {
        self.about_operator(email, Some(OperatorStatus::Offline), "operatorLoggedOut", "")
    }

    /// Somebody signed in as that operator elsewhere: `chatUserExists`.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn signed_in_elsewhere(&self, email: &str) -> Result<(), Twin24Error> {
        self.about_operator(email, None, "chatUserExists", "")
    }

    fn about_operator(
        &self,
        email: &str,
        status: Option<OperatorStatus>,
        event: &str,
        reason: &str,
    ) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        self.hub().act(|world| {
            if let Some(status) = status {
                world.set_status(id, status);
            }
            world.tell_operator(id, event, reason);
        });
        Ok(())
    }

    /// Everything that the services were asked.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.hub().heard()
    }

    /// Connect commands to the own endpoint.
    #[must_use]
    pub fn connects(&self) -> Vec<ConnectHeard> {
        self.own().map(|own| own.hub.connects()).unwrap_or_default()
    }

    /// Attempts to open a WebSocket to the own endpoint.
    #[must_use]
    pub fn dialled(&self) -> Vec<Dialled> {
        self.own().map(|own| own.hub.dialled()).unwrap_or_default()
    }

    /// Frames that clients sent to the own endpoint, pongs left out.
    #[must_use]
    pub fn frames(&self) -> Vec<String> {
        self.own().map(|own| own.hub.frames()).unwrap_or_default()
    }

    /// Connected clients of an operator at the own endpoint.
    #[must_use]
    pub fn connections(&self, email: &str) -> usize {
        let (Ok(id), Some(own)) = (self.operator_id(email), self.own()) else { return 0 };
        own.hub.connections_of(&id.to_string())
    }

    /// Stored files: id, name, type, bytes.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String, String, Bytes)> {
        self.hub().read(|world| {
            let file = |file: &StoredFile| (file.id.clone(), file.name.clone(), file.kind.clone(), file.bytes.clone());
            world.files.iter().map(file).collect()
        })
    }

    /// Stores a file as if a client had sent it; gives its id.
    #[must_use]
    pub fn store_file(&self, name: &str, kind: &str, bytes: impl Into<Bytes>) -> String {
        let (id, bytes) = (new_id(), bytes.into());
        self.hub().act(|world| {
            let file = StoredFile {
                id: id.clone(),
                name: name.to_owned(),
                kind: kind.to_owned(),
                private: false,
                path: "/".to_owned(),
                created: world.now(),
                owner: None,
                bytes,
            };
            world.files.push(file);
        });
        id
    }

    /// Waits until that gives something.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect<T>(
        &self,
        what: &str,
        within: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> Result<T, Twin24Error> {
        let found = tokio::time::timeout(within, self.hub().until(|_| look(self))).await;
        found.map_err(|_| Twin24Error::Expected {
            what: what.to_owned(),
            waited: within,
            seen: format!("heard {:?}", self.heard().iter().map(Heard::line).collect::<Vec<_>>()),
        })
    }

    /// Waits until a request was answered whose `METHOD PATH` contains that text; gives the first.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_heard(&self, part: &str, within: Duration) -> Result<Heard, Twin24Error> {
        let look = |sim: &Self| sim.heard().into_iter().find(|one| one.status.is_some() && one.line().contains(part));
        self.expect(part, within, look).await
    }

    /// Waits until an operator is in that state.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_status(
        &self,
        email: &str,
        status: OperatorStatus,
        within: Duration,
    ) -> Result<(), Twin24Error> {
        self.expect(status.wire(), within, |sim| (sim.status(email) == status).then_some(())).await
    }

    /// Waits until an operator has a client connected to the own endpoint.
    ///
    /// # Errors
    /// [`Twin24Error::Expected`] when that does not happen in time.
    pub async fn expect_connected(&self, email: &str, within: Duration) -> Result<(), Twin24Error> {
        self.expect("a connection to the events", within, |sim| (sim.connections(email) > 0).then_some(())).await
    }

    /// Publishes anything into an operator's channel.
    ///
    /// # Errors
    /// [`Twin24Error::UnknownOperator`].
    pub fn publish_raw(&self, email: &str, data: Value) -> Result<(), Twin24Error> {
        let id = self.operator_id(email)?;
        self.publish_to(&self.options().channel_of(id), data);
        Ok(())
    }

    /// Publishes anything into any channel.
    pub fn publish_to(&self, channel: &str, data: Value) {
        self.hub().publish(channel, data);
    }
}

async fn backend(hub: &Arc<Hub>, address: SocketAddr) -> Result<Backend, Twin24Error> {
    let real = |api, url, program| Backend::Real(Box::new(Real::new(api, url, program, hub.stop.clone())));
    match hub.options.events.clone() {
        EventsThrough::Own(endpoint) => {
            let path = endpoint.path.clone();
            let app = Box::new(Platform(Arc::downgrade(hub)));
            let (own, doors) = (centrifugo::Hub::new(app, endpoint, hub.changed.clone()), Doors::new());
            let address = centrifugo::serve(own.clone(), doors.clone()).await?;
            Ok(Backend::Own(Own { hub: own, doors, address, path }))
        }
        EventsThrough::Running { api_url, api_key, events_url } => {
            Ok(real(CentrifugoApi::new(&api_url, &api_key), events_url, None))
        }
        EventsThrough::Program { program, generation } => {
            let namespace = hub.options.channel.split_once(':').map_or("", |(name, _)| name);
            let launch = CentrifugoLaunch {
                program,
                generation,
                connect_proxy: format!("http://{address}{}", rest::PROXY),
                namespace: namespace.to_owned(),
                recoverable: hub.options.recoverable,
                ping: Duration::from_secs(25),
            };
            let running = RunningCentrifugo::start(&launch).await?;
            Ok(real(running.api(), running.url(), Some(running)))
        }
    }
}
