/** Puts the chosen appearance on the page; `system` follows the system while it changes. */
export class Theme {
  #choice = 'system';
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#dark.addEventListener('change', () => this.#put());
    this.#put();
  }

  /** `system`, `light` or `dark`. */
  set(choice: string): void {
    this.#choice = choice;
    this.#put();
  }

  #put(): void {
    const dark = this.#choice === 'dark' || (this.#choice !== 'light' && this.#dark.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }
}
