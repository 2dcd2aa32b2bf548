//! The network of this run: what it trusts and which way it goes.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use trunkline_connector::ports::{Http, WebSocketDial};
use url::Url;

use crate::centrifugo::CentrifugoDialler;
use crate::http::AccountHttp;
use crate::proxy::ProxyRoute;
use crate::tls;
use crate::websocket::WebSocketDialler;

/// A certificate that is trusted beside the computer's own store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedCertificate {
    /// One certificate, DER.
    Der(Vec<u8>),
    /// One or more certificates, PEM.
    Pem(String),
}

/// Which proxy to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// As the system says: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`, else the setting of Windows or macOS. This computer itself
    /// (localhost, 127.0.0.0/8, ::1) is always reached directly, as browsers do.
    #[default]
    System,
    /// None.
    Direct,
    /// This one, for all but some hosts.
    Address {
        /// `http://[USER:PASSWORD@]HOST:PORT` or `https://...`.
        proxy: Url,
        /// Hosts reached directly, as in `NO_PROXY`: names, addresses and
        /// networks, separated by commas. This computer itself is not excepted
        /// unless it is named.
        except: String,
    },
}

/// How to build the network.
#[derive(Clone, Debug, Default)]
pub struct NetworkConfig {
    /// PEM file with the certificates of a company's own authority, trusted
    /// beside the computer's own store.
    pub extra_ca_file: Option<PathBuf>,
    /// Trusted likewise: the certificates of local servers in demo mode and tests.
    pub trusted_certificates: Vec<TrustedCertificate>,
    /// Proxy.
    pub proxy: ProxyChoice,
    /// `User-Agent` of every request that names none; empty: `Trunkline/VERSION`.
    pub user_agent: String,
}

/// The network could not be set up as configured.
#[derive(Debug, Error)]
pub enum NetError {
    /// The company's CA file cannot be read.
    #[error("certificate file {path}: {cause}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The company's CA file, or a certificate given, holds no usable certificate.
    #[error("{origin} holds no usable certificate: {problem}")]
    Certificate {
        /// File, or `trusted certificate N`.
        origin: String,
        /// What is wrong.
        problem: String,
    },
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be built.
    #[error("cannot set up HTTP: {0}")]
    Http(reqwest::Error),
}

impl NetError {
    /// The configuration is at fault and can be corrected, rather than this computer.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::CaFile { .. } | Self::Certificate { .. })
    }
}

/// The network of this run. Clones share connections.
#[derive(Clone)]
pub struct Network {
    client: reqwest::Client,
    websocket: Arc<WebSocketDialler>,
    pub(crate) centrifugo: Arc<CentrifugoDialler>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Network {
    /// Reads trust store, CA file and proxy setting.
    ///
    /// # Errors
    /// When a configured certificate cannot be used, or TLS cannot be set up.
    /// A computer without any trust store is no error: local servers still
    /// work, and every other secure connection then fails with `Tls`.
    pub fn new(config: NetworkConfig) -> Result<Self, NetError> {
        let tls = tls::client_config(&config)?;
        let route = ProxyRoute::new(&config.proxy);

        let mut http_tls = tls.clone();
        // reqwest leaves a configuration it is handed as it is: without this there is no HTTP/2.
        http_tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let agent = if config.user_agent.is_empty() {
            concat!("Trunkline/", env!("CARGO_PKG_VERSION")).to_owned()
        } else {
            config.user_agent
        };
        let for_http = route.clone();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(http_tls)
            // Redirects and cookies are the account's business: see `AccountHttp`.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .proxy(reqwest::Proxy::custom(move |url| for_http.proxy_for(url)))
            .user_agent(agent.as_str())
            .tcp_nodelay(true)
            .build()
            .map_err(NetError::Http)?;

        let mut websocket_tls = tls;
        // A WebSocket opens with an HTTP/1.1 upgrade; a server that is offered h2 may choose it.
        websocket_tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let centrifugo = Arc::new(CentrifugoDialler::new(websocket_tls.clone(), route.clone()));
        let websocket = Arc::new(WebSocketDialler::new(Arc::new(websocket_tls), route, agent));
        Ok(Self { client, websocket, centrifugo })
    }

    /// An HTTP client with a fresh cookie jar: one for each account.
    pub fn http(&self) -> Arc<dyn Http> {
        Arc::new(AccountHttp::new(self.client.clone()))
    }

    /// The WebSocket dialler.
    pub fn websocket(&self) -> Arc<dyn WebSocketDial> {
        self.websocket.clone()
    }
}
