//! The conformance suite of every connector, over the simulated AgentHub.

trunkline_connector::connector_conformance!(crate::support::Fixture);
