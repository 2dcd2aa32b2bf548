//! Contacts without media: tasks and e-mails.
//!
//! | file | part |
//! | --- | --- |
//! | `contact.rs` | ids, what it was offered with, facts |
//! | `world.rs` | what moves it (table there) |
//! | `create.rs` | CreateTaskContact, and who gets what waits |
//! | `effects.rs` | what follows, outside the lock; events of `aws/task` |
//! | `templates.rs` | templates, tasks made from them, changes of tasks |
//! | `snapshot.rs` | its form in the snapshot |
//! | `handle.rs` | the typed handle |

mod contact;
mod create;
mod effects;
mod handle;
mod snapshot;
mod templates;
mod world;

pub use contact::{EmailAddress, OfferEmail, OfferTask, TaskReference, WorkFacts};
pub use handle::SimWork;
pub use templates::{TaskTemplate, TemplateField};

pub(crate) use contact::{Work, WorkRecord};
pub(crate) use create::create_task;
pub(crate) use effects::{WorkEffect, run};
pub(crate) use snapshot::contact;
pub(crate) use templates::service;
