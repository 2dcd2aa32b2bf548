// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformId } from "./PlatformId";

/**
 * Adds an account, or changes the one with this id.
 */
export type SaveAccount = {
  /**
   * Absent: a new one.
   */
  account: AccountId | null,
  /**
   * Connector.
   */
  platform: PlatformId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * Form fields that are not secret.
   */
  settings: { [key in string]: string },
  /**
   * Secret fields: go to the vault, absent or empty ones are left as they are.
   */
  secrets: { [key in string]: string },
};
