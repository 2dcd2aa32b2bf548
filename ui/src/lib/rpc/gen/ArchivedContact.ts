// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactId } from "./ContactId";
import type { Party } from "./Party";
import type { Subtype } from "./Subtype";
import type { UnixMillis } from "./UnixMillis";

/**
 * A contact that is over, whoever had it.
 */
export type ArchivedContact = {
  /**
   * Provider's id.
   */
  id: ContactId,
  /**
   * Whose it was.
   */
  customer: Party,
  /**
   * On which way.
   */
  kind: Subtype | null,
  /**
   * Name of the agent who had it last.
   */
  agent: string | null,
  /**
   * Beginning.
   */
  began: UnixMillis | null,
  /**
   * End, or the last that happened.
   */
  ended: UnixMillis | null,
  /**
   * The last words.
   */
  last: string | null,
};
