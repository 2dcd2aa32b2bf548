//! The conformance suite of every connector, over the simulated company.

trunkline_connector::connector_conformance!(crate::support::Fixture);
