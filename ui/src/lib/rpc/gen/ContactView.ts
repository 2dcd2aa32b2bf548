// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Annotations } from "./Annotations";
import type { Contact } from "./Contact";
import type { ContactKey } from "./ContactKey";
import type { MediaView } from "./MediaView";
import type { PendingCommand } from "./PendingCommand";
import type { UnixMillis } from "./UnixMillis";

/**
 * One contact on the desk.
 */
export type ContactView = {
  /**
   * Which.
   */
  key: ContactKey,
  /**
   * As the platform has it, with what was put onto it here.
   */
  contact: Contact,
  /**
   * What that was.
   */
  annotations: Annotations,
  /**
   * Media leg, for voice through this computer.
   */
  media: MediaView | null,
  /**
   * Commands on their way.
   */
  pending: Array<PendingCommand>,
  /**
   * First seen as an offer.
   */
  offered_at: UnixMillis | null,
  /**
   * The agent pressed Accept (or the platform accepted).
   */
  accepted_at: UnixMillis | null,
  /**
   * Became connected.
   */
  connected_at: UnixMillis | null,
  /**
   * Since when the customer is on hold.
   */
  hold_since: UnixMillis | null,
  /**
   * Became finished.
   */
  ended_at: UnixMillis | null,
  /**
   * Digits sent so far.
   */
  digits: string,
  /**
   * Another contact is live: accepting this one puts it on hold or needs it ended first.
   */
  while_busy: boolean,
};
