// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Author } from "./Author";
import type { ConversationState } from "./ConversationState";
import type { Line } from "./Line";
import type { UnixMillis } from "./UnixMillis";

/**
 * The frame of a conversation, whole; its messages come one by one.
 */
export type Conversation = {
  /**
   * Whether one can write.
   */
  state: ConversationState,
  /**
   * Who takes part now, without the agent.
   */
  participants: Array<Author>,
  /**
   * Who is writing at this moment, without the agent.
   */
  typing: Array<Author>,
  /**
   * Files can be sent.
   */
  attachments: boolean,
  /**
   * Marks of markdown are understood.
   */
  markdown: boolean,
  /**
   * Longest message, bytes of UTF-8.
   */
  longest: number,
  /**
   * Largest file, bytes.
   */
  largest_file: number,
  /**
   * Endings of file names that the platform takes, lower case; empty: any.
   */
  file_types: Array<string>,
  /**
   * There are older messages to be had.
   */
  has_older: boolean,
  /**
   * The agent reads or writes as a supervisor: what others see of them.
   */
  silent: boolean,
  /**
   * Single messages can be answered.
   */
  replies: boolean,
  /**
   * The agent's own words can be changed after they were sent.
   */
  edits: boolean,
  /**
   * The agent's own messages can be taken back.
   */
  removes: boolean,
  /**
   * Places on the map and people to reach can be sent.
   */
  cards: boolean,
  /**
   * Something can be said that the customer does not see.
   */
  whispers: boolean,
  /**
   * Nothing else can be said.
   */
  only_whispers: boolean,
  /**
   * Ways on which the customer can be reached; the platform names one at least
   * where there can be several.
   */
  lines: Array<Line>,
  /**
   * The one on which the agent answers.
   */
  line: string | null,
  /**
   * Laid aside until then.
   */
  paused_until: UnixMillis | null,
  /**
   * The customer is to be answered by then.
   */
  answer_by: UnixMillis | null,
};
