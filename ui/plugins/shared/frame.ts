/** What the plugins' pages have in common: the way from "loaded" to "at work". */
import type { Agent, SmartAgentError } from './agent.ts';
import { element, show } from './elements.ts';
import { languageOf, type Language } from './words.ts';

const WORDS = {
  en: {
    starting: 'Connecting to the panel…',
    alone: 'This page is a plugin of Trunkline. Add its folder under Settings, Plugins.',
    silent: 'The panel does not answer.',
    again: 'Try again',
  },
  ru: {
    starting: 'Подключаемся к панели…',
    alone: 'Эта страница — плагин для Trunkline. Добавьте её папку в настройках, в разделе «Плагины».',
    silent: 'Панель не отвечает.',
    again: 'Повторить',
  },
} as const;

/** A short notice in the middle: nothing to show, something is going on, something failed. */
export function notice(
  kind: 'quiet' | 'busy' | 'failure',
  title: string,
  more: { readonly text?: string; readonly act?: HTMLElement } = {},
): HTMLElement {
  return element(
    'section',
    { class: `notice ${kind}`, attributes: { role: kind === 'failure' ? 'alert' : 'status' } },
    element('span', { class: 'mark', attributes: { 'aria-hidden': 'true' } }),
    element('h1', { class: 'title', text: title }),
    more.text === undefined ? undefined : element('p', { class: 'more', text: more.text }),
    more.act,
  );
}

/** A button. */
export const button = (
  kind: 'main' | 'plain' | 'small',
  text: string,
  press: () => void,
  key = text,
): HTMLButtonElement =>
  element('button', {
    class: kind,
    text,
    attributes: { type: 'button', 'data-key': key },
    on: { click: press },
  });

/** Switches the page's language. */
export function speak(language: Language): Language {
  document.documentElement.lang = language;
  return language;
}

/**
 * Introduces the page to the panel and goes on with `begin`; until then, and where it fails, the page says so. Listeners
 * are to be added before: no event is repeated.
 */
export async function introduce(
  agent: Agent,
  place: HTMLElement,
  begin: (contact: unknown, language: Language) => void,
): Promise<void> {
  const guessed = WORDS[speak(languageOf(navigator.language))];
  show(place, notice('busy', guessed.starting));
  try {
    const { contact } = await agent.init();
    begin(contact, speak(languageOf(agent.language)));
  } catch (error) {
    const alone = (error as Partial<SmartAgentError>).code === 'not_embedded';
    const act = button('main', guessed.again, () => void introduce(agent, place, begin));
    show(place, notice('failure', alone ? guessed.alone : guessed.silent, alone ? {} : { act }));
  }
}
