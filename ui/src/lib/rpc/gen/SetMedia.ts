// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { MediaDomainId } from "./MediaDomainId";

/**
 * Switches one medium on or off.
 */
export type SetMedia = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * One of `Agent::media`.
   */
  domain: MediaDomainId,
  /**
   * Contacts are to be routed.
   */
  ready: boolean,
};
