//! The one thread that all sessions run on.
//!
//! A packet passes several tasks on its way: from the socket to the jitter
//! buffer's inbox, from the encoder to the socket. On the program's own workers
//! each step would wake up another thread, a hundred times a second; here one
//! thread does them all in one go.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle};

/// Runs `work`, and every task it starts, on the sessions' thread; on the
/// caller's runtime if the operating system gives no thread. Work that nobody
/// waits for any more is still finished.
///
/// `None`: it panicked, or the program ends.
pub(crate) async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let task = match handle() {
        Some(handle) => handle.spawn(work),
        None => tokio::spawn(work),
    };
    task.await.ok()
}

fn handle() -> Option<&'static Handle> {
    static HANDLE: OnceLock<Option<Handle>> = OnceLock::new();
    HANDLE.get_or_init(start).as_ref()
}

fn start() -> Option<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.inspect_err(|error| tracing::warn!(%error, "no runtime for calls")).ok()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name("media".to_owned());
    // It lasts as long as the program: sessions come and go.
    let spawned = thread.spawn(move || runtime.block_on(std::future::pending::<()>()));
    spawned.inspect_err(|error| tracing::warn!(%error, "no thread for calls")).ok()?;
    Some(handle)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[tokio::test]
    async fn what_sessions_start_runs_on_their_thread_and_nowhere_else() {
        let here = std::thread::current().id();
        let threads = run(async {
            let first = std::thread::current();
            let second = tokio::spawn(async { std::thread::current() }).await.expect("it runs");
            (first, second)
        })
        .await
        .expect("it runs");
        assert_eq!(threads.0.id(), threads.1.id(), "a task of a task stays there");
        assert_eq!(threads.0.name(), Some("media"));
        assert_ne!(threads.0.id(), here, "the program's own workers are left alone");
        assert_eq!(run(async { panic!("on purpose") }).await, None::<()>, "a panic ends its own task only");
        assert_eq!(run(async { 1 }).await, Some(1), "the thread goes on");
    }
}
