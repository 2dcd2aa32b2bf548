//! Secrets: OS keyring, memory, explicit development file.
