//! The shell: what belongs to the operating system (windows, tray,
//! notifications, command line) around a core that needs none of it.
//!
//! The core runs on its own threads. With the web view frozen or dead, and with
//! the GTK thread busy, contacts ring and can be taken all the same.

mod backend;
pub mod cli;
mod demo;
#[cfg(test)]
mod fixtures;
mod folders;
mod frames;
mod life;
#[cfg(target_os = "linux")]
mod linux;
mod logging;
mod notifications;
pub mod plugin_command;
mod rpc;
mod shell;
mod start;
mod tray;
mod tray_menu;
#[cfg(target_os = "linux")]
mod tray_watch;
mod windows;
mod words;

#[cfg(target_os = "linux")]
pub use linux::prepare_environment;
pub use start::{StartError, run};
