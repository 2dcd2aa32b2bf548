/** Elements of a page, with text as text: nothing here can become markup. */

/** What an element is made with. */
export interface Traits {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string | boolean>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** An element with its children; absent ones are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  traits: Traits = {},
  ...children: readonly (Node | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (traits.class !== undefined) made.className = traits.class;
  if (traits.text !== undefined) made.textContent = traits.text;
  for (const [name, value] of Object.entries(traits.attributes ?? {})) {
    if (typeof value === 'string') made.setAttribute(name, value);
    else made.toggleAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(traits.on ?? {})) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * Shows `children` in `place`, and leaves the keyboard where it was: on the element with the same `data-key`, if
 * there still is one.
 */
export function show(place: HTMLElement, ...children: readonly (Node | undefined)[]): void {
  const focused = document.activeElement instanceof HTMLElement && place.contains(document.activeElement);
  const key = focused ? (document.activeElement as HTMLElement).dataset['key'] : undefined;
  place.replaceChildren(...children.filter((child) => child !== undefined));
  if (key === undefined) return;
  for (const candidate of place.querySelectorAll<HTMLElement>('[data-key]')) {
    if (candidate.dataset['key'] === key) candidate.focus();
  }
}

/** Two letters for a person without a picture, of the first word and the last; a question mark for a bare number. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase() || '?';
}
