// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { MediaStateKind } from "./MediaStateKind";

/**
 * How one medium of somebody else stands.
 */
export type SupervisedMedium = {
  /**
   * The platform's own name ("CHAT").
   */
  name: string,
  /**
   * How it stands.
   */
  state: MediaStateKind,
};
