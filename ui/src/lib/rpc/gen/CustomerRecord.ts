// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CustomerField } from "./CustomerField";
import type { CustomerId } from "./CustomerId";

/**
 * A customer's record.
 */
export type CustomerRecord = {
  /**
   * Provider's id.
   */
  id: CustomerId | null,
  /**
   * Shown name.
   */
  name: string | null,
  /**
   * The platform knows an address and nothing else.
   */
  anonymous: boolean,
  /**
   * In the platform's order; empty ones are left out.
   */
  fields: Array<CustomerField>,
  /**
   * Marks on the customer.
   */
  labels: Array<string>,
};
