//! The panel's API: every command declared once, the router that carries them
//! out, the pushes, and the TypeScript that the UI is compiled against.
//!
//! To add a command: write its request struct in [`schema`], add a line to the
//! [`commands!`] table there, implement the method of [`Handler`] in `core`,
//! and run `cargo xtask bindings`.

mod error;
mod events;
mod log;
mod plugins;
mod pops;
mod push;
mod router;
pub mod schema;
mod tasks;
mod teams;
mod typescript;

pub use error::{RpcCode, RpcError};
pub use push::{Levels, Push};
pub use router::{Router, Window};
pub use schema::Handler;
pub use typescript::{ExportFailure, export};
