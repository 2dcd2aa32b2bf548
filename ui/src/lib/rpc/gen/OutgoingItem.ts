// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactCard } from "./ContactCard";
import type { MessageId } from "./MessageId";
import type { Place } from "./Place";

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
sent: number, } | { "kind": "place",
/**
 * Where.
 */
place: Place, } | { "kind": "cards",
/**
 * At least one.
 */
cards: Array<ContactCard>, };
