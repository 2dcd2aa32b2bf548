// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { UnixMillis } from "./UnixMillis";

/**
 * The state an agent picked last, which may not be the present one.
 */
export type PickedState = {
  /**
   * The platform's own name, verbatim.
   */
  name: string,
  /**
   * Since when, by this computer's clock.
   */
  since: UnixMillis | null,
};
