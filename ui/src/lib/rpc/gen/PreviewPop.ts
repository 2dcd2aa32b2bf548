// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Makes an address without opening it.
 */
export type PreviewPop = {
  /**
   * Template.
   */
  url: string,
  /**
   * Rules as they stand in the form.
   */
  allowed_domains: Array<string>,
  /**
   * Likewise.
   */
  allow_http: boolean,
  /**
   * With the values of this contact; absent: with examples.
   */
  contact: ContactKey | null,
};
