// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the agent can do about it, as a button.
 */
export type NoticeAction = "sign_in" | "audio_settings" | "account_settings" | "platform_panel" | "screen_pops";
