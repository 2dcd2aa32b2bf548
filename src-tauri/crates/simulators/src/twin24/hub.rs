//! The running platform: the world under its lock, and the carrying out of what
//! follows from a change.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::backend::Backend;
use super::faults::{Faults, Heard};
use super::options::{OperatorStatus, Twin24Options};
use super::token::{Mint, Worth};
use super::world::World;
use crate::centrifugo::ConnectRefusal;

/// The application that connect data has to name.
const APPLICATION: &str = "notifications";

/// The platform.
pub(super) struct Hub {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    heard: Mutex<Vec<Heard>>,
    pub changed: Arc<watch::Sender<u64>>,
    pub options: Twin24Options,
    pub mint: Mint,
    /// Set once, before the first request.
    pub backend: OnceLock<Backend>,
    pub stop: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub fn new(options: Twin24Options) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(World::new(options.clone())),
            faults: Mutex::default(),
            heard: Mutex::default(),
            changed: Arc::new(watch::Sender::new(0)),
            options,
            mint: Mint::new(),
            backend: OnceLock::new(),
            stop: CancellationToken::new(),
        })
    }

    /// Changes the world and publishes what follows, in order.
    pub fn act<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = lock(&self.world);
        let result = change(&mut world);
        for effect in std::mem::take(&mut world.effects) {
            self.publish(&self.options.channel_of(effect.operator), effect.event);
        }
        drop(world);
        self.changed();
        result
    }

    /// Looks at the world.
    pub fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&lock(&self.world))
    }

    pub fn publish(&self, channel: &str, data: Value) {
        if let Some(backend) = self.backend.get() {
            backend.publish(channel, data);
        }
    }

    pub fn set_faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        change(&mut lock(&self.faults))
    }

    pub fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits until that gives something.
    pub async fn until<T>(&self, look: impl Fn(&Self) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = look(self) {
                return found;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Notes a request; gives its place.
    pub fn note(&self, heard: Heard) -> usize {
        let mut list = lock(&self.heard);
        list.push(heard);
        let place = list.len() - 1;
        drop(list);
        self.changed();
        place
    }

    pub fn note_status(&self, place: usize, status: u16) {
        if let Some(heard) = lock(&self.heard).get_mut(place) {
            heard.status = Some(status);
        }
        self.changed();
    }

    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.heard).clone()
    }

    /// Seconds since 1970 on the platform's clock.
    pub fn seconds(&self) -> i64 {
        self.read(|world| world.now() / 1000)
    }

    /// Who connects to the events with that data, and what they hear.
    pub fn admit(&self, data: &Value) -> Result<(u64, Vec<String>), ConnectRefusal> {
        if data["application"] != APPLICATION {
            let message = "bad application".to_owned();
            return Err(ConnectRefusal::Error { code: 1000, message, temporary: false });
        }
        let token = data["settings"]["token"].as_str().unwrap_or_default();
        let Worth::Good(operator) = self.mint.check(token, self.seconds()) else {
            return Err(self.options.events_refusal.clone());
        };
        let blocked =
            self.read(|world| world.operator(operator).is_none_or(|one| one.status == OperatorStatus::Blocked));
        if blocked {
            return Err(self.options.events_refusal.clone());
        }
        let own = self.options.channel_of(operator);
        Ok((operator, std::iter::once(own).chain(self.options.more_channels.iter().cloned()).collect()))
    }
}
