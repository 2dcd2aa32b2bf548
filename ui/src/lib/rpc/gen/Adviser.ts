// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EndpointId } from "./EndpointId";

/**
 * Somebody whose advice was asked for and who is in the contact.
 */
export type Adviser = {
  /**
   * As the directory names them.
   */
  id: EndpointId,
  /**
   * Shown name.
   */
  name: string,
};
