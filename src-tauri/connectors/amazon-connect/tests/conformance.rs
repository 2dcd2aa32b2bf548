//! The conformance suite of every connector, over the Amazon Connect simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

trunkline_connector::connector_conformance!(support::fixture::Fixture);
