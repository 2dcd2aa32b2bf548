// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ConnectionId } from "./ConnectionId";
import type { ContactKey } from "./ContactKey";

/**
 * A command on one leg of a contact.
 */
export type OnConnection = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Which leg; absent: the customer's (hold, resume) or the agent's own (end).
   */
  connection: ConnectionId | null,
};
