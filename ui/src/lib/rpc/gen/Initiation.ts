// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a contact came to be.
 */
export type Initiation = "inbound" | "outbound" | "transfer" | "queue_transfer" | "callback" | "callback_customer_first" | "api" | "disconnect" | "web" | "agent_reply" | "campaign_preview" | "external_outbound" | "monitor" | "flow" | string;
