// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactId } from "./ContactId";
import type { Listening } from "./Listening";
import type { Party } from "./Party";
import type { Subtype } from "./Subtype";
import type { SupervisedPart } from "./SupervisedPart";
import type { UnixMillis } from "./UnixMillis";

/**
 * A contact that an agent works on.
 */
export type SupervisedContact = {
  /**
   * Provider's id.
   */
  id: ContactId,
  /**
   * Who.
   */
  customer: Party,
  /**
   * On which ways, at least one.
   */
  kinds: Array<Subtype>,
  /**
   * Queue that it came through.
   */
  queue: string | null,
  /**
   * Since when, by this computer's clock.
   */
  since: UnixMillis | null,
  /**
   * Who works on it.
   */
  people: Array<SupervisedPart>,
  /**
   * Whether it can be listened to.
   */
  listening: Listening,
};
