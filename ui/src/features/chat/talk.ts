/** What the blocks of a transcript ask of the conversation that they stand in. */
import type { Message } from '$lib/rpc/gen';

export interface Talk {
  /** Single messages can be answered now. */
  readonly replies: boolean;
  /** What colleagues say among themselves can be answered, too. */
  readonly whispers: boolean;
  /** The agent's own words can be changed now. */
  readonly edits: boolean;
  /** The agent's own messages can be taken back now. */
  readonly removes: boolean;
  /** The newest message that something can be done with: where the keyboard comes in. */
  readonly newest: string | null;
  /** There are or were several ways to the customer: each message says which one it took. */
  readonly several: boolean;
  /** The message that is changed, or taken back, at this moment. */
  readonly touched: string | null;
  /** The message whose menu is open. */
  readonly open: string | null;
  /** Proposals are still of use: nobody has answered the customer since. */
  isOpen(message: Message): boolean;
  /** A message of this conversation, as far as it is here. */
  find(id: string): Message | undefined;
  /** Goes to a message that is here. */
  jump(id: string): void;
  /** Answers this message. */
  reply(message: Message): void;
  /** Shows what can be done with a message of the agent's own, beside the button that was pressed. */
  acts(message: Message, button: HTMLElement): void;
  /** Puts words into the field. Nothing is sent. */
  put(text: string): void;
}

/** Whether this message can be answered. */
export const canReply = (talk: Pick<Talk, 'replies' | 'whispers'>, message: Message): boolean =>
  talk.replies &&
  !message.partial &&
  message.body.kind !== 'event' &&
  message.body.kind !== 'removed' &&
  message.body.kind !== 'wrap_up' &&
  // Answering what was said among colleagues, one talks to colleagues.
  (!message.internal || talk.whispers);

const isOwn = (message: Message): boolean => message.author.role === 'me' && !message.partial;

/** Whether its words can be changed. */
export const canEdit = (talk: Pick<Talk, 'edits'>, message: Message): boolean =>
  talk.edits && isOwn(message) && (message.body.kind === 'text' || message.body.kind === 'markdown');

/** Whether it can be taken back. */
export const canRemove = (talk: Pick<Talk, 'removes'>, message: Message): boolean =>
  talk.removes && isOwn(message) && !['event', 'removed', 'wrap_up'].includes(message.body.kind);

/** Whether anything can be done with it. */
export const canAct = (talk: Talk, message: Message): boolean =>
  canReply(talk, message) || canEdit(talk, message) || canRemove(talk, message);

/** Of a conversation that can only be read. `box`: what it is drawn in. */
export const onlyRead = (
  messages: () => readonly Message[],
  box: () => HTMLElement | undefined,
  several: () => boolean,
): Talk => ({
  replies: false,
  whispers: false,
  edits: false,
  removes: false,
  newest: null,
  touched: null,
  open: null,
  get several() {
    return several();
  },
  isOpen: () => false,
  find: (id) => messages().find((one) => one.id === id),
  jump: (id) => {
    const all = [...(box()?.querySelectorAll<HTMLElement>('[data-message]') ?? [])];
    const found = all.find((row) => row.dataset['message'] === id);
    found?.scrollIntoView({ block: 'center' });
    found?.focus({ preventScroll: true });
  },
  reply: () => undefined,
  acts: () => undefined,
  put: () => undefined,
});

/** The ways that these messages took. */
export const linesOf = (messages: readonly Message[]): string[] => [
  ...new Set(messages.map((one) => one.line).filter((line) => line !== null)),
];
