// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { MessageId } from "./MessageId";

/**
 * What the agent is sending.
 */
export type OutgoingItem = { "kind": "text",
/**
 * As written.
 */
text: string,
/**
 * Has marks of markdown.
 */
markdown: boolean,
/**
 * The message that it answers.
 */
reply_to: MessageId | null,
/**
 * For agents' eyes alone.
 */
internal: boolean, } | { "kind": "file",
/**
 * Name.
 */
name: string,
/**
 * Bytes.
 */
size: number,
/**
 * Bytes that have gone out.
 */
sent: number, };
