// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a colleague said who brought a contact here. Text from outside.
 */
export type Handover = {
  /**
   * Whose wish it was.
   */
  by: string | null,
  /**
   * In their words.
   */
  note: string | null,
  /**
   * Only advice is wanted: the contact stays with them.
   */
  consult: boolean,
};
