// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { Message } from "./Message";

/**
 * A message in its place: by `message.at`, then by `message.order`, then by `arrival`.
 */
export type PlacedMessage = {
  /**
   * In which contact.
   */
  contact: ContactKey,
  /**
   * Number of its first coming: decides between messages of the same time.
   */
  arrival: number,
  /**
   * The message.
   */
  message: Message,
};
