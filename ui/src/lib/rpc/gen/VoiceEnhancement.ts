// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What is done to the agent's voice beside echo cancelling and gain. The
 * platforms' names for it are theirs; a mode that this program cannot do is not here.
 */
export type VoiceEnhancement = "none" | "noise_suppression";
