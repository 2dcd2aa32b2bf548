// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AuthenticationState } from "./AuthenticationState";

/**
 * Whether the customer has signed in. Text from outside.
 */
export type CustomerAuthentication = {
  /**
   * How it ended.
   */
  state: AuthenticationState,
  /**
   * The customer's id at whom they signed in.
   */
  customer: string | null,
  /**
   * Where the customer signed in.
   */
  provider: string | null,
};
