import { remember, remembered } from '$lib/remember';

import { Catalogue, locales, type Values } from './catalogue';
import type { Locale } from './gen/messages';

/** Which English where the system speaks another language: the spelling is the British one. */
const regions: Record<Locale, string> = { en: 'en-GB', ru: 'ru-RU' };
/** The one for which nobody asked. */
const base: Locale = 'en';
const kept = 'language';
const order = { sensitivity: 'base', numeric: true } as const;

// Asked once a language: to make a format takes longer than to use it.
const timeOfDay = (tag: string): Intl.DateTimeFormatOptions => ({
  hour: new Intl.DateTimeFormat(tag, { hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit',
  minute: '2-digit',
});

const known = (choice: string): Locale | undefined => locales.find((locale) => locale === choice);

const localeOf = (tag: string): Locale | undefined => known(tag.toLowerCase().split(/[-_]/)[0] ?? '');

/** The system's languages, the most wanted first. */
const wanted = (): readonly string[] =>
  navigator.languages.length > 0 ? navigator.languages : [navigator.language];

/** The catalogue's language for a choice: a language, or `system` for the first of the system's that there is. */
export const resolve = (choice: string, system: readonly string[]): Locale =>
  known(choice) ?? system.map(localeOf).find((locale) => locale !== undefined) ?? base;

/** How dates and numbers are written: as the system does for that language, if it speaks it. */
export const tagOf = (locale: Locale, system: readonly string[]): string =>
  system.find((tag) => localeOf(tag) === locale) ?? regions[locale];

/**
 * The language of the page. Whatever asks for a message or for {@link tag} in
 * a template, a derived value or an effect changes with it at once.
 */
export class Language {
  #choice = 'system';
  readonly #coming: Partial<Record<Locale, Promise<void>>> = {};
  readonly #loaded: Partial<Record<Locale, Catalogue>> = {};
  #messages = $state.raw<Catalogue | null>(null);
  #tag = $state.raw<string>(regions[base]);
  #collator = $state.raw(new Intl.Collator(regions[base], order));
  #timeOfDay = $state.raw(timeOfDay(regions[base]));

  constructor() {
    addEventListener('languagechange', () => this.#put());
    // What the core keeps comes with the settings; until then the page speaks as it did last.
    this.set(remembered(kept) ?? 'system');
  }

  /** `system`, or one of the catalogue's languages. The page has it as soon as its messages are there. */
  set(choice: string): void {
    this.#choice = choice;
    remember(kept, choice);
    this.#put();
  }

  /** Gets messages without using them yet: {@link set} shows them at once. */
  load(locale: Locale): Promise<void> {
    return (this.#coming[locale] ??= Catalogue.load(locale).then((messages) => {
      this.#loaded[locale] = messages;
    }));
  }

  /** Until the page has words. Nothing is drawn before. */
  async ready(): Promise<void> {
    await this.load(resolve(this.#choice, wanted()));
    this.#put();
  }

  has(key: string): boolean {
    return this.#messages?.has(key) ?? false;
  }

  /** A message of the catalogue in this language. */
  text(key: string, values: Values): string {
    return this.#messages?.text(key, values) ?? '';
  }

  /** The catalogue's language. */
  get locale(): Locale {
    return this.#messages?.locale ?? base;
  }

  /** For `Intl`: dates, numbers, names of countries and languages. */
  get tag(): string {
    return this.#tag;
  }

  /** Order of names: without regard to case and accents, numbers by their value. */
  get collator(): Intl.Collator {
    return this.#collator;
  }

  /** Hours and minutes: a clock of twelve hours has no leading zero, one of twenty-four has. */
  get timeOfDay(): Intl.DateTimeFormatOptions {
    return this.#timeOfDay;
  }

  #put(): void {
    const system = wanted();
    const locale = resolve(this.#choice, system);
    const messages = this.#loaded[locale];
    if (messages === undefined) return void this.load(locale).then(() => this.#put());
    const tag = tagOf(locale, system);
    document.documentElement.lang = locale;
    if (messages === this.#messages && tag === this.#tag) return;
    this.#messages = messages;
    this.#tag = tag;
    this.#collator = new Intl.Collator(tag, order);
    this.#timeOfDay = timeOfDay(tag);
  }
}

export const language = new Language();
