/** What the blocks of a transcript ask of the conversation that they stand in. */
import type { Message } from '$lib/rpc/gen';

export interface Talk {
  /** Single messages can be answered now. */
  readonly replies: boolean;
  /** What colleagues say among themselves can be answered, too. */
  readonly whispers: boolean;
  /** The newest message that can be answered: where the keyboard comes in. */
  readonly newest: string | null;
  /** There are or were several ways to the customer: each message says which one it took. */
  readonly several: boolean;
  /** Proposals are still of use: nobody has answered the customer since. */
  isOpen(message: Message): boolean;
  /** A message of this conversation, as far as it is here. */
  find(id: string): Message | undefined;
  /** Goes to a message that is here. */
  jump(id: string): void;
  /** Answers this message. */
  reply(message: Message): void;
  /** Puts words into the field. Nothing is sent. */
  put(text: string): void;
}

/** Whether this message can be answered. */
export const canReply = (talk: Talk, message: Message): boolean =>
  talk.replies &&
  !message.partial &&
  message.body.kind !== 'event' &&
  message.body.kind !== 'wrap_up' &&
  // Answering what was said among colleagues, one talks to colleagues.
  (!message.internal || talk.whispers);
