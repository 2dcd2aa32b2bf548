// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Author } from "./Author";
import type { Delivery } from "./Delivery";
import type { MessageBody } from "./MessageBody";
import type { MessageId } from "./MessageId";
import type { MessageToken } from "./MessageToken";
import type { Quote } from "./Quote";
import type { Subtype } from "./Subtype";
import type { Suggestion } from "./Suggestion";
import type { UnixMillis } from "./UnixMillis";

/**
 * One item of a conversation.
 */
export type Message = {
  /**
   * The provider's id: the same message has the same one however often it comes.
   */
  id: MessageId,
  /**
   * Ours, when this run or an earlier one sent it: the outbox knows it by this.
   */
  token: MessageToken | null,
  /**
   * By the platform's clock.
   */
  at: UnixMillis,
  /**
   * Among messages of the same time: lower ones stand first, equal ones as
   * they came. Pages are read from the newest on, so coming alone says little.
   */
  order: number,
  /**
   * Whose.
   */
  author: Author,
  /**
   * What.
   */
  body: MessageBody,
  /**
   * For messages of ours.
   */
  delivery: Delivery | null,
  /**
   * More of the text is still coming (a bot writes in pieces).
   */
  partial: boolean,
  /**
   * For agents' eyes alone: the customer never sees it.
   */
  internal: boolean,
  /**
   * Its words were changed after it was sent.
   */
  edited: boolean,
  /**
   * Answers another one.
   */
  reply_to: Quote | null,
  /**
   * On which way it came or went, where there are several.
   */
  line: Subtype | null,
  /**
   * What could be answered, proposed by a program.
   */
  suggestions: Array<Suggestion>,
};
