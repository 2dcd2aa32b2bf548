/**
 * The messages of one language, as the files in `messages/` have them. They stay data:
 * compiled to functions, all of all languages, they took 7 MB of each page.
 */
import type { Locale } from './gen/messages';

/** Values for a message's place-holders. Text from outside: shown as text. */
export type Values = Readonly<Record<string, string | number>>;

/** A text, or one for each plural form; see `messages/README.md`. */
type Message =
  string | readonly [{ declarations: readonly string[]; match: Readonly<Record<string, string>> }];

const prefix = '../../../messages/';
const files = import.meta.glob<Record<string, Message>>('../../../messages/*.json', { import: 'default' });

/** Every language that has messages. */
export const locales = Object.keys(files).map((path) => path.slice(prefix.length, -'.json'.length) as Locale);

/** See the module. */
export class Catalogue {
  readonly #messages: Readonly<Record<string, Message>>;
  readonly #plural: Intl.PluralRules;
  readonly #number: Intl.NumberFormat;

  constructor(
    readonly locale: Locale,
    messages: Readonly<Record<string, Message>>,
  ) {
    this.#messages = messages;
    this.#plural = new Intl.PluralRules(locale);
    this.#number = new Intl.NumberFormat(locale);
  }

  /** The messages of a language. */
  static async load(locale: Locale): Promise<Catalogue> {
    const load = files[`${prefix}${locale}.json`];
    if (!load) throw new Error(`no messages in ${locale}`);
    return new Catalogue(locale, await load());
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#messages, key);
  }

  /** A message with its values; `…` stands for one that is not there. */
  text(key: string, values: Values): string {
    const message = this.has(key) ? this.#messages[key] : undefined;
    if (message === undefined) return '';
    if (typeof message === 'string') return fill(message, (name) => valueOf(values, name));
    const [{ declarations, match }] = message;
    let form = 'other';
    const shown: Record<string, string> = {};
    for (const line of declarations) {
      const [, local = '', input = '', as] = /^local (\w+) = (\w+): (plural|number)$/.exec(line) ?? [];
      const number = Number(values[input]);
      if (as === 'plural') form = this.#plural.select(number);
      else if (!Number.isNaN(number)) shown[local] = this.#number.format(number);
    }
    return fill(match[`plural=${form}`] ?? '', (name) => shown[name] ?? valueOf(values, name));
  }
}

const valueOf = (values: Values, name: string): string =>
  Object.hasOwn(values, name) ? String(values[name]) : '…';

const fill = (text: string, value: (name: string) => string): string =>
  text.includes('{') ? text.replace(/\{(\w+)\}/g, (_, name: string) => value(name)) : text;
