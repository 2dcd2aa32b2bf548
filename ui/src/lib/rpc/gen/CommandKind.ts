// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a command does, for pending marks and error texts.
 */
export type CommandKind = "accept" | "reject" | "clear" | "end" | "hold" | "resume" | "digits" | "mute_party" | "unmute_party" | "set_state" | "dial" | "add_party" | "conference" | "swap" | "transfer" | "pause" | "unpause" | "listen" | "barge_in" | "set_media" | "consult" | "wrap_up" | "end_consult" | "link_customer" | "rename" | "ban" | "unban" | "edit_message" | "remove_message" | "monitor" | "whisper" | "subscribe_list" | "take_work" | "close_work" | "choose_line" | "answer_challenge" | "create_task" | "report_issue" | "update_task" | "set_preferences" | "sign_in" | "sign_out";
