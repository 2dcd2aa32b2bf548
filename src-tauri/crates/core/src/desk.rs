//! The desk behind a lock: whoever has news applies it, and changes and
//! effects leave in the order in which they were made.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, mpsc, watch};
use trunkline_connector::ports::WallClock;
use trunkline_desk::{ContactView, Desk, DeskPatch, DeskSnapshot, Effect, Input, Offer, TrayPicture};
use trunkline_model::{ContactKey, UnixMillis};
use trunkline_rpc::Push;

use crate::effects::ShellEvent;

/// Patches a slow window may be behind before it gets a snapshot instead.
const BACKLOG: usize = 512;

pub(crate) struct SharedDesk {
    state: Mutex<State>,
    pushes: broadcast::Sender<Push>,
    /// What of it concerns plugins: no words of conversations.
    patches: broadcast::Sender<DeskPatch>,
    effects: mpsc::UnboundedSender<Effect>,
    shell: broadcast::Sender<ShellEvent>,
    clock: std::sync::Arc<dyn WallClock>,
    revision: watch::Sender<u64>,
}

struct State {
    desk: Desk,
    /// As last sent: it is only redrawn on a change.
    tray: Option<TrayPicture>,
    offers: Vec<Offer>,
}

impl SharedDesk {
    pub(crate) fn new(
        effects: mpsc::UnboundedSender<Effect>,
        shell: broadcast::Sender<ShellEvent>,
        clock: std::sync::Arc<dyn WallClock>,
    ) -> Self {
        let (pushes, _) = broadcast::channel(BACKLOG);
        let (patches, _) = broadcast::channel(BACKLOG);
        let state = Mutex::new(State { desk: Desk::new(), tray: None, offers: Vec::new() });
        let revision = watch::Sender::new(0);
        Self { state, pushes, patches, effects, shell, clock, revision }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The reducer does not panic; if it ever did, the state it left is still a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, by the wall clock.
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Takes one input in: changes go to the windows, effects to their task.
    pub(crate) fn apply(&self, input: Input) {
        self.take_in(&mut self.lock(), input);
    }

    /// Likewise, unless the desk as it is speaks against it; then the reason is
    /// given back. Nothing comes between the look and the act, so of two
    /// presses at the same moment one is the second.
    pub(crate) fn apply_unless<E>(&self, input: Input, objection: impl FnOnce(&Desk) -> Option<E>) -> Result<(), E> {
        let mut state = self.lock();
        if let Some(reason) = objection(&state.desk) {
            return Err(reason);
        }
        self.take_in(&mut state, input);
        Ok(())
    }

    fn take_in(&self, state: &mut State, input: Input) {
        let before = state.desk.revision();
        let outcome = state.desk.apply(input, self.clock.now());
        for effect in outcome.effects {
            // The receiver lives as long as the core.
            let _ = self.effects.send(effect);
        }
        if outcome.changes.is_empty() {
            return;
        }
        self.revision.send_replace(state.desk.revision());
        let patch = DeskPatch { from: before, to: state.desk.revision(), changes: outcome.changes };
        if self.patches.receiver_count() > 0 {
            let changes = patch.changes.iter().filter(|change| trunkline_plugins::concerns(change));
            let changes: Vec<_> = changes.cloned().collect();
            if !changes.is_empty() {
                let _ = self.patches.send(DeskPatch { changes, ..patch });
            }
        }
        // No window is open: nobody to tell.
        let _ = self.pushes.send(Push::Patch(patch));
        let offers = state.desk.offers();
        if offers != state.offers {
            state.offers.clone_from(&offers);
            let _ = self.pushes.send(Push::Offers(offers));
        }
        let picture = state.desk.tray_picture();
        if state.tray.as_ref() != Some(&picture) {
            state.tray = Some(picture.clone());
            let _ = self.shell.send(picture.into());
        }
    }

    pub(crate) fn push(&self, push: Push) {
        let _ = self.pushes.send(push);
    }

    /// A snapshot together with a receiver that has everything after it.
    pub(crate) fn join(&self) -> (DeskSnapshot, Vec<Offer>, broadcast::Receiver<Push>) {
        let state = self.lock();
        (state.desk.snapshot(), state.offers.clone(), self.pushes.subscribe())
    }

    /// Likewise for plugins: what concerns them alone.
    pub(crate) fn follow(&self) -> (DeskSnapshot, broadcast::Receiver<DeskPatch>) {
        let state = self.lock();
        (state.desk.snapshot(), self.patches.subscribe())
    }

    pub(crate) fn listeners(&self) -> usize {
        self.pushes.receiver_count()
    }

    pub(crate) fn snapshot(&self) -> DeskSnapshot {
        self.lock().desk.snapshot()
    }

    pub(crate) fn offers(&self) -> Vec<Offer> {
        self.lock().desk.offers()
    }

    /// Marked as changed with each revision. What it shows may be behind the
    /// desk: look at the desk itself.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Reads something off the desk without a snapshot.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&Desk) -> T) -> T {
        at(&self.lock().desk)
    }

    pub(crate) fn contact(&self, key: &ContactKey) -> Option<ContactView> {
        self.lock().desk.contact(key).cloned()
    }

    pub(crate) fn tray_event(&self) -> ShellEvent {
        self.lock().desk.tray_picture().into()
    }

    /// Anything that a `Tick` could change.
    pub(crate) fn wants_ticks(&self) -> bool {
        self.lock().desk.wants_ticks()
    }
}

impl From<TrayPicture> for ShellEvent {
    fn from(picture: TrayPicture) -> Self {
        let TrayPicture { state, live_muted, agents, contact } = picture;
        Self::Tray { state, live_muted, agents, contact }
    }
}
