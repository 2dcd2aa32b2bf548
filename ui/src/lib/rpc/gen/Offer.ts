// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attribute } from "./Attribute";
import type { Channel } from "./Channel";
import type { ContactKey } from "./ContactKey";
import type { Party } from "./Party";
import type { Queue } from "./Queue";
import type { UnixMillis } from "./UnixMillis";

/**
 * An offer as notification, incoming window and tray show it.
 */
export type Offer = {
  /**
   * Which contact.
   */
  key: ContactKey,
  /**
   * Account's shown name.
   */
  account_name: string,
  /**
   * Medium.
   */
  channel: Channel,
  /**
   * The customer: text from outside.
   */
  customer: Party,
  /**
   * Title of a task or e-mail: text from outside.
   */
  subject: string | null,
  /**
   * Queue.
   */
  queue: Queue | null,
  /**
   * Attributes of the flow: text from outside.
   */
  attributes: Array<Attribute>,
  /**
   * First seen.
   */
  offered_at: UnixMillis,
  /**
   * Runs out, when known.
   */
  expires: UnixMillis | null,
  /**
   * Can be declined.
   */
  can_reject: boolean,
  /**
   * Another contact is live.
   */
  while_busy: boolean,
};
