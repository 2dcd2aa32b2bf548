// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";

/**
 * Asks for customers by words.
 */
export type FindCustomers = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Part of a name, number or address: 1 to 100 characters.
   */
  words: string,
  /**
   * From 0.
   */
  page: number,
};
