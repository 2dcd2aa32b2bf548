import { remember, remembered } from '$lib/remember';

import { baseLocale, locales, overwriteGetLocale, type Locale } from './gen/runtime.js';

/** Which English where the system speaks another language: the spelling is the British one. */
const regions: Record<Locale, string> = { en: 'en-GB', ru: 'ru-RU' };
const kept = 'language';
const order = { sensitivity: 'base', numeric: true } as const;

const known = (choice: string): Locale | undefined => locales.find((locale) => locale === choice);

const localeOf = (tag: string): Locale | undefined => known(tag.toLowerCase().split(/[-_]/)[0] ?? '');

/** The system's languages, the most wanted first. */
const wanted = (): readonly string[] =>
  navigator.languages.length > 0 ? navigator.languages : [navigator.language];

/** The catalogue's language for a choice: a language, or `system` for the first of the system's that there is. */
export const resolve = (choice: string, system: readonly string[]): Locale =>
  known(choice) ?? system.map(localeOf).find((locale) => locale !== undefined) ?? baseLocale;

/** How dates and numbers are written: as the system does for that language, if it speaks it. */
export const tagOf = (locale: Locale, system: readonly string[]): string =>
  system.find((tag) => localeOf(tag) === locale) ?? regions[locale];

/**
 * The language of the page. Whatever asks for a message or for {@link tag} in
 * a template, a derived value or an effect changes with it at once.
 */
class Language {
  #choice = 'system';
  #locale = $state.raw<Locale>(baseLocale);
  #tag = $state.raw<string>(regions[baseLocale]);
  #collator = $state.raw(new Intl.Collator(regions[baseLocale], order));

  constructor() {
    overwriteGetLocale(() => this.#locale);
    addEventListener('languagechange', () => this.#put());
    // What the core keeps comes with the settings; until then the page speaks as it did last.
    this.set(remembered(kept) ?? 'system');
  }

  /** `system`, or one of the catalogue's languages. */
  set(choice: string): void {
    this.#choice = choice;
    remember(kept, choice);
    this.#put();
  }

  /** The catalogue's language. */
  get locale(): Locale {
    return this.#locale;
  }

  /** For `Intl`: dates, numbers, names of countries and languages. */
  get tag(): string {
    return this.#tag;
  }

  /** Order of names: without regard to case and accents, numbers by their value. */
  get collator(): Intl.Collator {
    return this.#collator;
  }

  #put(): void {
    const system = wanted();
    const locale = resolve(this.#choice, system);
    const tag = tagOf(locale, system);
    document.documentElement.lang = locale;
    if (locale === this.#locale && tag === this.#tag) return;
    this.#locale = locale;
    this.#tag = tag;
    this.#collator = new Intl.Collator(tag, order);
  }
}

export const language = new Language();
