/** What is above the eye may grow or shrink: the message at the upper edge of what scrolls stays where it is. */
export class Eye {
  #held: { message: string | undefined; at: number } | null = null;

  /** `rows`: the messages that may stand at the edge, in order. */
  constructor(
    private readonly scroller: () => HTMLElement | undefined,
    private readonly rows: () => HTMLElement[],
  ) {}

  /** Before what is above changes. */
  hold(): void {
    const scroller = this.scroller();
    if (!scroller) return;
    const edge = scroller.getBoundingClientRect().top;
    const row = this.rows().find((one) => one.getBoundingClientRect().bottom > edge);
    this.#held = row ? { message: row.dataset['message'], at: row.getBoundingClientRect().top } : null;
  }

  /** After that. */
  restore(): void {
    const scroller = this.scroller();
    const held = this.#held;
    this.#held = null;
    if (!scroller || held === null) return;
    // By its name: what stands together now may be drawn anew.
    const row = this.rows().find((one) => one.dataset['message'] === held.message);
    if (row) scroller.scrollTop += row.getBoundingClientRect().top - held.at;
  }
}
