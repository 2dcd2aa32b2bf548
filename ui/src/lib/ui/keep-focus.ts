/**
 * Keeps the keyboard where it is while a list is read anew. What moves in the page loses the focus, and what leaves it
 * takes the focus with it; the keyboard would begin at the top of the page again.
 */
export class KeptFocus {
  #held: HTMLElement | null = null;

  /** Before the list changes. */
  remember(list: HTMLElement | undefined): void {
    const at = document.activeElement;
    this.#held = at instanceof HTMLElement && list?.contains(at) ? at : null;
  }

  /** After that. `instead`: takes the focus where its place is gone. */
  restore(instead: HTMLElement | undefined): void {
    const held = this.#held;
    this.#held = null;
    // Whoever has gone on meanwhile, for example into a dialog, stays there.
    if (held === null || document.activeElement === held) return;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    (held.isConnected ? held : instead)?.focus({ preventScroll: true });
  }
}
