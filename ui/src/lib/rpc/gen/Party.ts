// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A person or number at the other end. Text from outside: hostile, shown as text only.
 */
export type Party = {
  /**
   * Name, where the platform or the flow gives one.
   */
  name: string | null,
  /**
   * Number (E.164 where the platform gives it so) or address, verbatim.
   */
  address: string | null,
};
