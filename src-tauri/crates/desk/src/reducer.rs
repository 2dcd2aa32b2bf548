//! The reducer.
use crate::{Change, Effect, Input};
use trunkline_model::UnixMillis;
/// What one input did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome { 
    /// To carry out, in order.
    pub effects: Vec<Effect>, 
    /// To push.
    pub changes: Vec<Change> }
/// The desk.
#[derive(Clone, Debug, Default)]
pub struct Desk {}
impl Desk {
    /// One input.
    pub fn apply(&mut self, _input: Input, _now: UnixMillis) -> Outcome { Outcome::default() }
}
