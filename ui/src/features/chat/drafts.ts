import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import type { ContactKey } from '$lib/rpc/gen';

/** Milliseconds without a further key before a draft is kept, and between two words of "is writing". */
export const pace = { draft: 400, typing: 3000 };

/**
 * What this page knows of drafts that the core may not have yet: words stay when another conversation is opened,
 * and when keeping them failed. One a desk.
 */
const unsaved = new WeakMap<Desk, Map<string, string>>();

/** The draft of one contact. */
export class Draft {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #typed = -Infinity;
  readonly #mine: Map<string, string>;
  readonly #key: string;

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {
    this.#key = keyText(contact);
    this.#mine = unsaved.get(desk) ?? new Map<string, string>();
    unsaved.set(desk, this.#mine);
  }

  /** What to begin with: what this page knows, else what the core kept. */
  first(kept: string): string {
    return this.#mine.get(this.#key) ?? kept;
  }

  /**
   * The agent wrote: kept when they pause. `here`: in this page alone, which knows for whom it is meant. The core
   * keeps words only, and what is meant for colleagues must not come back as if it were for the customer.
   */
  write(text: string, here = false): void {
    this.#mine.set(this.#key, text);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (here) return;
    this.#timer = setTimeout(() => void this.keep(), pace.draft);
  }

  /** Sent: the core has put its own draft away. */
  sent(left: string): void {
    if (left !== '') return this.write(left);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Remembered as empty: what the core last told may still be the words that are sent now.
    this.#mine.set(this.#key, '');
  }

  /** Keeps what waits, at once. */
  async keep(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#mine.get(this.#key);
    if (text === undefined) return;
    try {
      await this.desk.call('conversation_draft', { contact: this.contact, text });
    } catch {
      // It stays in this page's memory, and goes with the next key.
    }
  }

  /** Leaves the conversation: what waits is kept now. */
  leave(): void {
    if (this.#timer !== undefined) void this.keep();
  }

  /** While the conversation is open: what waits is kept when the page goes out of sight. */
  watch(): () => void {
    const keep = (): void => this.leave();
    addEventListener('pagehide', keep);
    document.addEventListener('visibilitychange', keep);
    return () => {
      removeEventListener('pagehide', keep);
      document.removeEventListener('visibilitychange', keep);
    };
  }

  /** Says that the agent is writing, now and then. */
  typing(now = Date.now()): void {
    if (now - this.#typed < pace.typing) return;
    this.#typed = now;
    this.desk.call('conversation_typing', { contact: this.contact }).catch(() => undefined);
  }
}
