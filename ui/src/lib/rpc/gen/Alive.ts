// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The UI is alive and shows this revision; sent every second while visible.
 */
export type Alive = {
  /**
   * Revision on screen.
   */
  revision: number,
};
