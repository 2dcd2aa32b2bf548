use trunkline_model::UnixMillis;

/// Wall-clock time, injected so that tests can set it.
pub trait WallClock: Send + Sync + 'static {
    /// Now, by this computer's clock.
    fn now(&self) -> UnixMillis;
}
