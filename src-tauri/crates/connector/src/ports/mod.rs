//! What a connector may ask of the outside world.

mod centrifugo;
mod clock;
mod login;
mod media;
mod net;
mod programs;
mod vault;

pub use centrifugo::{Centrifugo, CentrifugoConfig, CentrifugoEvent, CentrifugoLink, CentrifugoProblem};
pub use clock::WallClock;
pub use login::{
    LoginCookie, LoginFailure, LoginLook, LoginPage, LoginWindow, PageHttp, PlatformPanel, QuietPage, SignedIn,
};
pub use media::{
    CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaLine, MediaOffer, MediaPort, MediaRequest,
};
pub use net::{
    Frame, Http, HttpFailure, HttpRequest, HttpResponse, Progress, Transfer, WebSocketDial, WebSocketFailure,
    WebSocketReceive, WebSocketSend,
};
pub use programs::{ProgramFailure, Programs};
pub use vault::{AccountVault, Secret, VaultError};
