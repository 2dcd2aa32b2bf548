//! Wire protocols that several platforms share, sans-I/O: bytes and time go in,
//! bytes and facts come out. Nothing here opens a connection, sleeps or draws a
//! random number; whoever owns the connection does, and says what came of it.

mod address;
pub mod phoenix;
pub mod socketio;

pub use address::AddressError;
