/** Words kept ready to be said: found, and put into what is being written. */
import { language } from '$lib/i18n';
import type { CannedMessage } from '$lib/rpc/gen';

/** Messages under one heading, in the platform's order. */
export interface Heading {
  category: string;
  items: CannedMessage[];
}

/** Letters without case and marks: whoever looks for "cafe" finds "Café", for "strasse" "Straße". */
const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');

/** Languages that occur, in the order of their first message. */
export const languagesOf = (messages: readonly CannedMessage[]): string[] => [
  ...new Set(messages.map((one) => one.language.trim()).filter(Boolean)),
];

/** The language that was chosen last, as long as there is more than one and it is among them. */
export function languageOf(languages: readonly string[], wanted: string | null): string | null {
  return languages.length > 1 && wanted !== null && languages.includes(wanted) ? wanted : null;
}

/** A language by its name; one that no name is known of as the platform writes it. */
export function languageWords(code: string, locale = language.tag): string {
  try {
    const names = new Intl.DisplayNames(locale, { type: 'language' });
    return names.of(code.replaceAll('_', '-')) ?? code;
  } catch {
    return code;
  }
}

/** Those with every word in their text or heading, below their headings. `language`: `null` for any. */
export function headings(
  messages: readonly CannedMessage[],
  words: string,
  language: string | null,
): Heading[] {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  const found: Heading[] = [];
  for (const one of messages) {
    if (language !== null && one.language.trim() !== language) continue;
    const text = plain(`${one.category} ${one.text}`);
    if (!wanted.every((word) => text.includes(word))) continue;
    const category = one.category.trim();
    const heading = found.find((known) => known.category === category);
    if (heading) heading.items.push(one);
    else found.push({ category, items: [one] });
  }
  return found;
}

/** A text with words put in the place of what is selected, apart from their neighbours, and the caret after them. */
export function inserted(
  text: string,
  from: number,
  to: number,
  words: string,
): { text: string; at: number } {
  const [before, after] = [text.slice(0, from), text.slice(to)];
  const put = `${/\S$/.test(before) ? ' ' : ''}${words}${/^[\p{L}\p{N}]/u.test(after) ? ' ' : ''}`;
  return { text: before + put + after, at: before.length + put.length };
}

/** Ids by which a field names the list of canned messages and the choice at hand; there is one list at a time. */
export const cannedList = 'canned-list';
export const optionId = (at: number): string => `canned-${at}`;
