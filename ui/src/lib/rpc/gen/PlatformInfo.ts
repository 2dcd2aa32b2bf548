// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { FormField } from "./FormField";
import type { PlatformId } from "./PlatformId";

/**
 * One platform that accounts can be added for.
 */
export type PlatformInfo = {
  /**
   * Connector.
   */
  id: PlatformId,
  /**
   * Brand.
   */
  name: string,
  /**
   * Sign-in through the platform's page in a window is possible.
   */
  login_window: boolean,
  /**
   * Form.
   */
  fields: Array<FormField>,
};
