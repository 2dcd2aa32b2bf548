import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import type { ContactKey, Conversation, Message } from '$lib/rpc/gen';

/**
 * To whom what stands in the field goes, and what it answers.
 *
 * | from     | input                              | to       |
 * | -------- | ---------------------------------- | -------- |
 * | customer | whisper                            | whisper  |
 * | whisper  | to the customer                    | customer |
 * | whisper  | nobody to whisper to, empty field  | customer (`alone`) |
 * | whisper  | nobody to whisper to, words there  | held     |
 * | held     | send to the customer after all, or the words are gone | customer |
 * | held     | somebody to whisper to, whisper    | whisper  |
 *
 * Words that were meant for a colleague never reach the customer by a key pressed a moment too late.
 */
export class Aim {
  /** The agent's wish: only colleagues see it. */
  whispered = $state(false);
  /** The words in the field were meant for a colleague who is gone. */
  held = $state(false);
  /** The colleague is gone, and nothing stood in the field. */
  alone = $state(false);
  /** The message that is answered. */
  reply = $state.raw<Message | null>(null);

  /** Only colleagues see what is written now. */
  internal(frame: Conversation): boolean {
    return frame.only_whispers || this.whispered;
  }

  /** The agent chooses who sees it. */
  choose(whisper: boolean): void {
    this.whispered = whisper;
    this.held = false;
    this.alone = false;
    // What colleagues said among themselves is not quoted to the customer.
    if (!whisper && this.reply?.internal) this.reply = null;
  }

  /** Answers a message. */
  answer(message: Message, frame: Conversation): void {
    this.reply = message;
    if (message.internal && !frame.only_whispers && frame.whispers) this.choose(true);
  }

  /** The conversation changed. `empty`: nothing stands in the field. */
  follow(frame: Conversation, empty: boolean): void {
    if (this.reply !== null && !frame.replies) this.reply = null;
    if (!this.whispered || frame.whispers || frame.only_whispers) return;
    this.choose(false);
    if (empty) this.alone = true;
    else this.held = true;
  }

  /** Words that could not be sent are in the field again. */
  back(internal: boolean, reply: Message | null, frame: Conversation): void {
    this.reply ??= reply;
    if (!internal || frame.only_whispers || this.whispered) return;
    if (frame.whispers) this.whispered = true;
    else this.held = true;
  }
}

// With what this page knows of drafts: whoever comes back to a conversation writes to the same person.
const aims = new WeakMap<Desk, Record<string, Aim>>();

/** The aim in one conversation. */
export function aimOf(desk: Desk, contact: ContactKey): Aim {
  const mine = aims.get(desk) ?? {};
  aims.set(desk, mine);
  return (mine[keyText(contact)] ??= new Aim());
}
