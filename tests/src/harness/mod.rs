//! A desktop of its own for every proof.

pub mod app;
pub mod browser;
pub mod checks;
pub mod desktop;
pub mod messages;
pub mod notifications;
pub mod processes;
pub mod runner;
pub mod sound;
pub mod stage;
pub mod talk;
pub mod tray;
pub mod window;
