// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RpcCode } from "./RpcCode";

/**
 * What the UI gets when a command fails. Details go to the log under `trace_id`.
 */
export type RpcError = {
  /**
   * What to do about it.
   */
  code: RpcCode,
  /**
   * Key in the message catalogue (`error_...`).
   */
  message_key: string,
  /**
   * The platform's own words, shown as text below the message.
   */
  detail: string | null,
  /**
   * Field of the form, for `invalid`.
   */
  field: string | null,
  /**
   * The same command may succeed later.
   */
  retryable: boolean,
  /**
   * Finds the details in the log.
   */
  trace_id: string,
};
