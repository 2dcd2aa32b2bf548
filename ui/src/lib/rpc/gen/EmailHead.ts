// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Party } from "./Party";

/**
 * The addresses of an e-mail. Text from outside. The body is not part of the
 * platform's open protocol and so not of the model.
 */
export type EmailHead = {
  /**
   * Sender.
   */
  from: Party | null,
  /**
   * Recipients.
   */
  to: Array<Party>,
  /**
   * Recipients of a copy.
   */
  cc: Array<Party>,
};
