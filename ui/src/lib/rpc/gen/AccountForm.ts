// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformId } from "./PlatformId";

/**
 * An account's form, filled in; no secrets.
 */
export type AccountForm = {
  /**
   * Which.
   */
  account: AccountId,
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
   * Secret fields that the vault holds.
   */
  secrets_set: Array<string>,
};
