// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attachment } from "./Attachment";
import type { Attribute } from "./Attribute";
import type { Choice } from "./Choice";
import type { ContactCard } from "./ContactCard";
import type { ConversationEvent } from "./ConversationEvent";
import type { EmailHead } from "./EmailHead";
import type { Place } from "./Place";
import type { WrapUpCode } from "./WrapUpCode";

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
files: Array<Attachment>,
/**
 * What was written to them.
 */
caption: string | null, } | { "kind": "location",
/**
 * Where.
 */
place: Place, } | { "kind": "contacts",
/**
 * At least one.
 */
cards: Array<ContactCard>, } | { "kind": "link",
/**
 * Where it leads.
 */
address: string,
/**
 * What was written to it.
 */
text: string | null, } | { "kind": "email",
/**
 * Addresses.
 */
head: EmailHead,
/**
 * Subject.
 */
subject: string,
/**
 * Its words, without marks of HTML.
 */
text: string,
/**
 * Files.
 */
files: Array<Attachment>, } | { "kind": "comment",
/**
 * The platform's word for it (`TEXT`, `LIKE`, `HIDE` ...).
 */
act: string,
/**
 * What was written.
 */
text: string | null,
/**
 * The post.
 */
post: string | null,
/**
 * Files.
 */
files: Array<Attachment>, } | { "kind": "wrap_up",
/**
 * Codes.
 */
codes: Array<WrapUpCode>,
/**
 * In the agent's words.
 */
note: string | null, } | { "kind": "interactive",
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
fields: Array<Attribute>, } | { "kind": "removed" } | { "kind": "event",
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
