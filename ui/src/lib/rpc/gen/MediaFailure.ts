// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Why a media session failed. The wire names of Amazon's own client are in
 * docs/connectors/amazon-connect-softphone.md, section 6.
 */
export type MediaFailure = "ice_gathering_timeout" | "signalling_connect" | "signalling_handshake" | "user_busy" | "call_not_found" | "invalid_remote_description" | "no_remote_candidate" | "offer" | "path_lost" | "too_many_sessions";
