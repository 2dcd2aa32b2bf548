//! The conformance suite of every connector, over the simulated installation.

trunkline_connector::connector_conformance!(crate::support::Fixture);
