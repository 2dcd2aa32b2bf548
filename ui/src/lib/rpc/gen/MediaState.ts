// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where the media session of a voice contact stands. Separate from the
 * contact's own state: media comes up while the contact still rings.
 */
export type MediaState = "connecting" | "ready" | "live" | "reconnecting" | "failed" | "closed";
