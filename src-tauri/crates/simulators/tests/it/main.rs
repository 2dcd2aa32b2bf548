//! The simulators over the wire, by small clients of their own and by the vendors' own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod browser_softphone;
mod chat;
mod chat_client;
mod chat_weather;
mod demo;
mod desk;
mod expertflow;
mod expertflow_client;
mod expertflow_demo;
mod expertflow_rest;
mod expertflow_shapes;
mod expertflow_weather;
mod forms;
mod hub_client;
mod mix;
mod olos;
mod phoenix_client;
mod third_parties;
mod vendor_chat;
mod vendor_client;
mod voice_roles;
mod weather;
mod wire;
mod work;
