// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountView } from "./AccountView";
import type { AudioView } from "./AudioView";
import type { ContactView } from "./ContactView";
import type { ConversationView } from "./ConversationView";
import type { EventView } from "./EventView";
import type { Notice } from "./Notice";
import type { PlacedMessage } from "./PlacedMessage";
import type { RosterView } from "./RosterView";

/**
 * The whole desk at one revision.
 */
export type DeskSnapshot = {
  /**
   * Grows by one with every patch.
   */
  revision: number,
  /**
   * By `order`.
   */
  accounts: Array<AccountView>,
  /**
   * Oldest first.
   */
  contacts: Array<ContactView>,
  /**
   * Of contacts that have one, in the contacts' order.
   */
  conversations: Array<ConversationView>,
  /**
   * Of all conversations: one after the other, each in its order.
   */
  messages: Array<PlacedMessage>,
  /**
   * The last events of the platforms, oldest first.
   */
  events: Array<EventView>,
  /**
   * Of accounts that tell who is online, sorted by account.
   */
  rosters: Array<RosterView>,
  /**
   * Devices and ringtone.
   */
  audio: AudioView,
  /**
   * Messages, oldest first.
   */
  notices: Array<Notice>,
  /**
   * Message keys of what this computer lacks (keyring, notifications ...), for settings and first run.
   */
  limits: Array<string>,
};
