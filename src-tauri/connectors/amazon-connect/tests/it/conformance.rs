//! The conformance suite of every connector, over the Amazon Connect simulator.

trunkline_connector::connector_conformance!(crate::support::fixture::Fixture);
