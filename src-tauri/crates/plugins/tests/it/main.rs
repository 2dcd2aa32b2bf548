//! The broker between pages and a real desk.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod calls;
mod hostile;
mod life;
mod messages;
mod room;
