// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { EndpointId } from "./EndpointId";

/**
 * Lets an adviser answer the customer.
 */
export type EndConsult = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * One of `Contact::advisers`.
   */
  adviser: EndpointId,
  /**
   * Beside the agent; otherwise instead.
   */
  stay: boolean,
};
