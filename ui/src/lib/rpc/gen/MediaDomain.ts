// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { MediaDomainId } from "./MediaDomainId";
import type { MediaStateKind } from "./MediaStateKind";
import type { UnixMillis } from "./UnixMillis";

/**
 * The agent's state in one medium.
 */
export type MediaDomain = {
  /**
   * Provider's id.
   */
  id: MediaDomainId,
  /**
   * Shown name, the platform's own ("CHAT").
   */
  name: string,
  /**
   * How it stands.
   */
  state: MediaStateKind,
  /**
   * Since when, by this computer's clock.
   */
  since: UnixMillis | null,
  /**
   * Contacts at once; 0: none can ever come.
   */
  limit: number,
  /**
   * It can be switched now. Where a state for each is of no use (the agent as a
   * whole is not ready) it cannot.
   */
  switchable: boolean,
};
