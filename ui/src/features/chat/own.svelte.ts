import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import { toRpcError } from '$lib/host/host';
import type { ContactKey, Message, RpcError } from '$lib/rpc/gen';

/** The words of a message that can be changed; `null`: it has none. */
const wordsOf = ({ body }: Message): string | null =>
  body.kind === 'text' || body.kind === 'markdown' ? body.text : null;

/**
 * Changing and taking back what the agent has said in one conversation.
 *
 * | from    | input                           | to      |
 * | ------- | ------------------------------- | ------- |
 * | none    | edit                            | editing |
 * | editing | edit another, nothing changed   | editing (the other one) |
 * | editing | cancel, save of the same words  | none    |
 * | editing | save                            | saving  |
 * | saving  | done, cancel                    | none    |
 * | saving  | failure                         | editing (the words stay, `error` says why) |
 *
 * Nothing is changed here: the platform tells how the message reads from then on.
 */
export class Own {
  /** The message that is changed, as it was. */
  message = $state.raw<Message | null>(null);
  /** How it is to read. */
  text = $state('');
  busy = $state(false);
  /** Why it was not changed. */
  error = $state.raw<RpcError | null>(null);
  /** The message that is about to be taken back, until the agent says so once more. */
  asked = $state.raw<Message | null>(null);
  /** The one that is being taken back. */
  leaving = $state<string | null>(null);
  #round = 0;

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {}

  /** Its words are not those that were said. */
  get changed(): boolean {
    return this.message !== null && this.text !== wordsOf(this.message);
  }

  /** Begins to change a message. `false`: what is changed already would be lost. */
  edit(message: Message): boolean {
    const words = wordsOf(message);
    if (words === null || this.message?.id === message.id) return words !== null;
    if (this.changed) return false;
    this.cancel();
    this.message = message;
    this.text = words;
    return true;
  }

  /** Leaves the message as it is. */
  cancel(): void {
    this.#round += 1;
    this.message = null;
    this.text = '';
    this.busy = false;
    this.error = null;
  }

  /** Has the message changed. `true`: nothing is left to be done here. */
  async save(): Promise<boolean> {
    const { message, text } = this;
    if (message === null || this.busy || text.trim() === '') return false;
    if (!this.changed) {
      this.cancel();
      return true;
    }
    const round = ++this.#round;
    this.busy = true;
    this.error = null;
    try {
      await this.desk.call('message_edit', { contact: this.contact, message: message.id, text });
      if (round !== this.#round) return false;
      this.cancel();
      return true;
    } catch (reason) {
      if (round !== this.#round) return false;
      this.error = toRpcError(reason);
      this.busy = false;
      return false;
    }
  }

  /** Takes a message back. A failure is told among the notices. */
  async remove(message: Message): Promise<void> {
    this.leaving = message.id;
    await this.desk.send('message_remove', { contact: this.contact, message: message.id });
    if (this.leaving === message.id) this.leaving = null;
  }
}

// Whoever turns to another conversation meanwhile finds the words again.
const known = new WeakMap<Desk, Record<string, Own>>();

/** What the agent changes in one conversation. */
export function ownOf(desk: Desk, contact: ContactKey): Own {
  const mine = known.get(desk) ?? {};
  known.set(desk, mine);
  return (mine[keyText(contact)] ??= new Own(desk, contact));
}
