// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { AccountView } from "./AccountView";
import type { AudioView } from "./AudioView";
import type { ContactKey } from "./ContactKey";
import type { ContactView } from "./ContactView";
import type { ConversationView } from "./ConversationView";
import type { EventKey } from "./EventKey";
import type { EventView } from "./EventView";
import type { Notice } from "./Notice";
import type { PlacedMessage } from "./PlacedMessage";
import type { RosterView } from "./RosterView";

/**
 * One part of a patch: whole values, upserts by key.
 */
export type Change = { "kind": "account", "value": AccountView } | { "kind": "account_gone", "value": AccountId } | { "kind": "contact", "value": ContactView } | { "kind": "contact_gone", "value": ContactKey } | { "kind": "conversation", "value": ConversationView } | { "kind": "message", "value": PlacedMessage } | { "kind": "event", "value": EventView } | { "kind": "event_gone", "value": EventKey } | { "kind": "roster", "value": RosterView } | { "kind": "audio", "value": AudioView } | { "kind": "notice", "value": Notice } | { "kind": "notice_gone", "value": string } | { "kind": "limits", "value": Array<string> };
