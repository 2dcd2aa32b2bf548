//! Links to Centrifugo servers through the official client.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use centrifuge::{
    Client, ClientEvent, Error, EventDelivery, EventStream, Protocol, ProxyAuth, ProxyConfig, ProxyTarget, TlsConfig,
};
use futures_util::StreamExt;
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use trunkline_connector::ports::{
    Centrifugo, CentrifugoConfig, CentrifugoEvent, CentrifugoLink, CentrifugoProblem, Secret,
};
use url::Url;

use crate::proxy::{ProxyRoute, percent_decoded};

/// See [`Centrifugo`].
pub(crate) struct CentrifugoDialler {
    tls: ClientConfig,
    route: ProxyRoute,
}

impl CentrifugoDialler {
    pub(crate) fn new(tls: ClientConfig, route: ProxyRoute) -> Self {
        Self { tls, route }
    }
}

fn problem(error: &Error) -> CentrifugoProblem {
    CentrifugoProblem(error.to_string())
}

/// The same way as for HTTP and WebSockets.
fn way(route: &ProxyRoute, target: &Url) -> ProxyTarget {
    let Some(mut proxy) = route.proxy_for(target) else { return ProxyTarget::Direct };
    let auth =
        proxy.password().map(|password| ProxyAuth::new(percent_decoded(proxy.username()), percent_decoded(password)));
    // Credentials go beside the address, which may be logged.
    let _ = proxy.set_username("");
    let _ = proxy.set_password(None);
    if proxy.scheme().starts_with("socks5") {
        let remote = proxy.scheme() == "socks5h";
        return ProxyTarget::socks5(proxy, auth, remote);
    }
    ProxyTarget::http(proxy, auth)
}

impl Centrifugo for CentrifugoDialler {
    fn link(&self, config: CentrifugoConfig) -> Result<Box<dyn CentrifugoLink>, CentrifugoProblem> {
        let route = self.route.clone();
        let (least, most) = config.backoff;
        let client = Client::builder(config.url.as_str())
            // The client's own default is protobuf; JSON can be logged and read.
            .protocol(Protocol::Json)
            .data(config.data.expose_secret().to_owned())
            .name(config.name)
            .version(env!("CARGO_PKG_VERSION"))
            .http_headers(config.headers)
            .timeout(config.timeout)
            .handshake_timeout(config.timeout)
            .min_reconnect_delay(least)
            .max_reconnect_delay(most)
            .max_server_ping_delay(config.ping_delay)
            .max_message_size(config.longest)
            .tls(TlsConfig::rustls_client_config(self.tls.clone()))
            .proxy(ProxyConfig::custom(move |target| way(&route, target)))
            // There is one reader, which never blocks: no thread of its own is wanted.
            .event_delivery(EventDelivery::Inline)
            .build()
            .map_err(|error| problem(&error))?;
        let events = client.events();
        Ok(Box::new(Link { client, events }))
    }
}

struct Link {
    client: Client,
    events: EventStream<ClientEvent>,
}

#[async_trait]
impl CentrifugoLink for Link {
    fn connect(&mut self) {
        if let Err(error) = self.client.connect() {
            tracing::warn!(%error, "the link to the event server is closed");
        }
    }

    fn disconnect(&mut self) {
        self.client.disconnect();
    }

    fn set_data(&mut self, data: Secret) {
        if let Err(error) = self.client.set_data(data.expose_secret().to_owned()) {
            tracing::warn!(%error, "new data for the event server were not taken");
        }
    }

    async fn next(&mut self) -> CentrifugoEvent {
        loop {
            let Some(event) = Pin::new(&mut self.events).next().await else { return pending().await };
            if let Some(event) = told(event) {
                return event;
            }
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Closing goes on in the client's own task.
        drop(self.client.close());
    }
}

fn told(event: ClientEvent) -> Option<CentrifugoEvent> {
    Some(match event {
        ClientEvent::Connecting(event) => CentrifugoEvent::Connecting { code: event.code },
        ClientEvent::Connected(_) => CentrifugoEvent::Connected,
        ClientEvent::Disconnected(event) => CentrifugoEvent::Disconnected { code: event.code, reason: event.reason },
        ClientEvent::ServerSubscribed(event) => CentrifugoEvent::Subscribed {
            recovered: event.info.was_recovering.then_some(event.info.recovered),
            channel: event.channel,
        },
        ClientEvent::ServerUnsubscribed(event) => CentrifugoEvent::Unsubscribed { channel: event.channel },
        ClientEvent::ServerPublication(event) => {
            CentrifugoEvent::Publication { channel: event.channel, data: event.publication.data }
        }
        ClientEvent::Message(event) => CentrifugoEvent::Message { data: event.data },
        ClientEvent::Error(event) => {
            CentrifugoEvent::Trouble { code: code_of(&event.error), words: event.error.to_string() }
        }
        // Who else listens is nothing to us, and what is being subscribed to shows when it is.
        _ => return None,
    })
}

/// The server's code of a refusal; 0 where it is none.
fn code_of(error: &centrifuge::ClientError) -> u32 {
    let source = error.source.as_deref().and_then(|source| source.downcast_ref::<centrifuge::ServerError>());
    source.map_or(0, |refused| refused.code)
}

impl crate::Network {
    /// Links to Centrifugo servers.
    pub fn centrifugo(&self) -> Arc<dyn Centrifugo> {
        self.centrifugo.clone()
    }
}
