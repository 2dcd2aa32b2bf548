//! What the tests over the simulator share.

pub mod fixture;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use trunkline_connector::ports::{
    CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaLine, MediaOffer, MediaPort, MediaRequest,
};
use trunkline_connector::testing::Ports;
use trunkline_model::{CallSummary, ContactKey, MediaFailure};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_testkit::{FakeLogin, FakeMedia, FakeVault};

/// The recording media port, with an offer that a real WebRTC endpoint answers.
/// No packets flow: what media does is another crate's business.
#[derive(Clone, Default)]
pub struct SdpMedia(pub FakeMedia);

struct SdpLeg(Box<dyn MediaLeg>);

fn real(mut offer: MediaOffer) -> MediaOffer {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/amazon-connect-softphone/rpc-invite.v2.json");
    let invite: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let params = &invite["jsonRpcMsg"]["params"];
    offer.sdp = params["sdp"].as_str().unwrap().to_owned();
    offer.candidates = serde_json::from_value(params["candidates"].clone()).unwrap();
    offer
}

#[async_trait]
impl MediaPort for SdpMedia {
    async fn open(&self, request: MediaRequest) -> Result<Box<dyn MediaLeg>, MediaError> {
        Ok(Box::new(SdpLeg(self.0.open(request).await?)))
    }
    async fn line(&self, ice_servers: Vec<IceServer>) -> Result<Box<dyn MediaLine>, MediaError> {
        Ok(Box::new(SdpLine(self.0.line(ice_servers).await?)))
    }
}

struct SdpLine(Box<dyn MediaLine>);

#[async_trait]
impl MediaLine for SdpLine {
    async fn prepare(&self) -> Result<(), MediaError> {
        self.0.prepare().await
    }
    async fn attach(&self, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError> {
        Ok(Box::new(SdpLeg(self.0.attach(contact).await?)))
    }
    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        self.0.events()
    }
    async fn close(&self) {
        self.0.close().await;
    }
}

#[async_trait]
impl MediaLeg for SdpLeg {
    async fn offer(&self) -> Result<MediaOffer, MediaError> {
        self.0.offer().await.map(real)
    }
    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        self.0.answer(sdp, candidates).await
    }
    async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        self.0.restart(ice_servers).await.map(real)
    }
    async fn go_live(&self) {
        self.0.go_live().await;
    }
    fn may_speak(&self, allowed: bool) {
        self.0.may_speak(allowed);
    }
    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        self.0.events()
    }
    fn fail(&self, failure: MediaFailure, address: Option<String>) {
        self.0.fail(failure, address);
    }
    async fn close(&self) -> CallSummary {
        self.0.close().await
    }
}

/// Real HTTP and WebSockets, this vault, this media.
pub fn ports(vault: FakeVault, media: SdpMedia) -> Ports {
    let network = Network::new(NetworkConfig::default()).expect("a network");
    Ports {
        http: network.http(),
        websocket: network.websocket(),
        centrifugo: network.centrifugo(),
        vault: Arc::new(vault),
        media: Arc::new(media),
        login: Arc::new(FakeLogin::new()),
        clock: Arc::new(SystemClock),
    }
}
