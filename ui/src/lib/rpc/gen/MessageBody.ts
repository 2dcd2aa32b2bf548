// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attachment } from "./Attachment";
import type { Attribute } from "./Attribute";
import type { Choice } from "./Choice";
import type { ConversationEvent } from "./ConversationEvent";

/**
 * What stands in a message. All text is from outside and shown as text.
 */
export type MessageBody = { "kind": "text",
/**
 * As written.
 */
text: string, } | { "kind": "markdown",
/**
 * As written, marks included.
 */
text: string, } | { "kind": "attachments",
/**
 * At least one.
 */
files: Array<Attachment>, } | { "kind": "interactive",
/**
 * Heading or question.
 */
title: string,
/**
 * Text below.
 */
subtitle: string | null,
/**
 * What can be chosen, in order.
 */
choices: Array<Choice>, } | { "kind": "answer",
/**
 * In words.
 */
text: string,
/**
 * Fields of a form.
 */
fields: Array<Attribute>, } | { "kind": "event",
/**
 * What.
 */
event: ConversationEvent, } | { "kind": "unknown",
/**
 * The provider's name of the kind.
 */
content_type: string,
/**
 * What it holds, made readable.
 */
text: string, };
