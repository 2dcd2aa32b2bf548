// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Which of two instances of a contact centre serves the agent, where one can
 * stand in for the other.
 */
export type Serving = {
  /**
   * The platform's name of the region it is in, once known (`eu-central-1`).
   */
  region: string | null,
  /**
   * It is the second one.
   */
  second: boolean,
  /**
   * The other one takes over as soon as the call at hand is over.
   */
  moving: boolean,
};
