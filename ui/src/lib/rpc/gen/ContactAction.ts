// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the agent may do with a contact right now.
 */
export type ContactAction = "accept" | "reject" | "end" | "hold" | "resume" | "mute" | "send_digits" | "add_party" | "conference" | "swap" | "transfer" | "pause" | "unpause" | "edit" | "clear" | "listen" | "barge_in" | "consult" | "wrap_up" | "whisper" | "hand_to_adviser" | "bring_in_adviser" | "rename" | "ban" | "unban";
