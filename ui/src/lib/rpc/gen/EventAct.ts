// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Something done for an event. Whatever is done, the event is listed.
 */
export type EventAct = "notify" | "ring" | "open_page" | "bring_to_front";
