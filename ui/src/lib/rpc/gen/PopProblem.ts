// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Why a page could not be opened, as a message.
 */
export type PopProblem = {
  /**
   * `notice_screen_pop_...`.
   */
  message_key: string,
  /**
   * `page`, and `about`: the field or host. Text from outside.
   */
  params: { [key in string]: string },
};
