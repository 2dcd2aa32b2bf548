// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { UnixMillis } from "./UnixMillis";

/**
 * A page that is meant for a contact.
 */
export type PopChoice = {
  /**
   * `ScreenPop::identity`.
   */
  id: string,
  /**
   * Its name.
   */
  name: string,
  /**
   * Opened for this contact before, at this time.
   */
  opened_at: UnixMillis | null,
};
