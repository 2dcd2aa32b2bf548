// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AttachmentState } from "./AttachmentState";

/**
 * A file in a conversation. Its name is text from outside: never a path.
 */
export type Attachment = {
  /**
   * Provider's id.
   */
  id: string,
  /**
   * Name as it was given.
   */
  name: string,
  /**
   * Media type as it was given.
   */
  content_type: string,
  /**
   * Bytes, where known.
   */
  size: number | null,
  /**
   * Checked or not.
   */
  state: AttachmentState,
};
