// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ConnectionId } from "./ConnectionId";
import type { ContactKey } from "./ContactKey";

/**
 * Mutes one party at the platform, or takes that back.
 */
export type MuteParty = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Which leg.
   */
  connection: ConnectionId,
  /**
   * Wanted.
   */
  muted: boolean,
};
