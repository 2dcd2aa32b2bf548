use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use trunkline_connector::ports::{IceServer, MediaError, MediaLeg, MediaLine, MediaPort};
use trunkline_model::ContactKey;

use crate::session::{Input, LineId};

type Opened = Option<Result<Arc<dyn MediaLine>, MediaError>>;

/// A connection whose opening is under way: who needs it waits for it.
#[derive(Clone)]
pub(super) struct LineToCome(watch::Receiver<Opened>);

/// The other end.
pub(super) struct LineOpening(watch::Sender<Opened>);

impl LineToCome {
    pub(super) fn new() -> (LineOpening, Self) {
        let (sender, receiver) = watch::channel(None);
        (LineOpening(sender), Self(receiver))
    }

    async fn wait(mut self) -> Result<Arc<dyn MediaLine>, MediaError> {
        match self.0.wait_for(Option::is_some).await {
            Ok(opened) => opened.clone().unwrap_or(Err(MediaError::Closed)),
            Err(_) => Err(MediaError::Closed),
        }
    }

    pub(super) async fn attach(self, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError> {
        self.wait().await?.attach(contact).await
    }

    pub(super) async fn close(self) {
        if let Ok(line) = self.wait().await {
            line.close().await;
        }
    }
}

impl LineOpening {
    /// Opens it, gathers ahead when asked to, and then tells what happens to it.
    pub(super) async fn open(
        self,
        media: Arc<dyn MediaPort>,
        servers: Vec<IceServer>,
        ahead: bool,
        id: LineId,
        inputs: mpsc::Sender<Input>,
    ) {
        let line: Arc<dyn MediaLine> = match media.line(servers).await {
            Ok(line) => Arc::from(line),
            Err(error) => {
                self.0.send_replace(Some(Err(error.clone())));
                let _ = inputs.send(Input::LinePrepared(id, Err(error))).await;
                return;
            }
        };
        let events = line.events();
        self.0.send_replace(Some(Ok(Arc::clone(&line))));
        if ahead {
            let prepared = line.prepare().await;
            let _ = inputs.send(Input::LinePrepared(id, prepared)).await;
        }
        // From here on it lives as long as those who wait for it, not as long as its events are read.
        drop((line, self));
        if let Some(mut events) = events {
            while let Some(event) = events.recv().await {
                if inputs.send(Input::Line(id, event)).await.is_err() {
                    break;
                }
            }
        }
    }
}
