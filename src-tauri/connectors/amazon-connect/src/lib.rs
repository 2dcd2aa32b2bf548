//! Amazon Connect: agent state and voice contacts over the CTI service.
