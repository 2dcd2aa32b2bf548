// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Endpoint } from "./Endpoint";

/**
 * A page of the directory.
 */
export type EndpointPage = {
  /**
   * At most 100 entries.
   */
  items: Array<Endpoint>,
  /**
   * Where the next page begins; absent: this is the last.
   */
  next: string | null,
  /**
   * False: the platform's list could not be read to its end, entries are missing.
   */
  complete: boolean,
};
