//! The shell.
/// Runs the app.
pub fn run() {}
