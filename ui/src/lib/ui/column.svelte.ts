import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

/** CSS pixels: the second column's width, and the least of the window with two. The least panel fits beside it. */
const second = 380;
const twoFrom = 700;

/**
 * How much room the panel's own column has. Style asks by `@container`; this is for what is built differently. Plugins
 * stand in a second column, in windows that have the room for two.
 */
export class Column {
  /** The second column is wanted: there is something for it. */
  wanted = $state(false);
  readonly #two = new MediaQuery(`min-width: ${twoFrom}px`);
  readonly #wide = { alone: new MediaQuery('min-width: 760px'), beside: from(760) };
  readonly #widest = { alone: new MediaQuery('min-width: 900px'), beside: from(900) };

  /** The window has room for a second column. */
  get room(): boolean {
    return this.#two.current;
  }

  /** There are two columns. */
  get beside(): boolean {
    return this.wanted && this.room;
  }

  /** Details stand beside what they belong to. */
  get wide(): boolean {
    return (this.beside ? this.#wide.beside : this.#wide.alone).current;
  }

  /** Whole lists stand side by side. */
  get widest(): boolean {
    return (this.beside ? this.#widest.beside : this.#widest.alone).current;
  }
}

/** Whether this much is left beside the second column. */
function from(width: number): MediaQuery {
  return new MediaQuery(`min-width: ${width + second}px`);
}

/** The panel's own column, which all parts of the page share. */
export const [getColumn, setColumn] = createContext<Column>();
