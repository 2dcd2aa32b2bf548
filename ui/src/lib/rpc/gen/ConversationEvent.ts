// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What happens in a conversation beside words. Who it happened to is the item's author.
 */
export type ConversationEvent = "joined" | "left" | "invited" | "renamed" | "idle" | "returned" | "auto_disconnected" | "transferred" | "transfer_failed" | "resumed" | "ended" | "authentication_started" | "authentication_succeeded" | { "authentication_failed": string } | "transfer_requested" | "conference_requested" | "consult_requested" | "request_cancelled" | "nobody_available" | "not_answered" | "took_over" | "advises" | "wrap_up_began" | { "line_opened": string } | { "line_closed": string } | "paused" | "unpaused" | "customer_changed" | "hand_raised" | "hand_lowered" | "answer_due" | "call_began" | "call_ended" | "call_held" | "call_resumed" | { "other": string };
