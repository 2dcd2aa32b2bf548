/** Telephone numbers as people and systems write them. */

/** What is left of a number when everything but digits is taken away. */
export const digitsOf = (number: string): string => number.replace(/\D/gu, '');

/** The text, where it is a number: what a chat calls its visitor is not one, even with digits in it. */
export const numberIn = (text: string | null | undefined): string | undefined =>
  text && /^[+\d(][\d\s().\-/]*$/u.test(text.trim()) && digitsOf(text) !== '' ? text.trim() : undefined;

/** Shorter ones are extensions and service numbers, which are the same only when they are equal. */
const SUBSCRIBER = 9;
/** Further to the left stands what differs by country and by who writes: +7, 8, 0044, 0. */
const COMPARED = 10;

/** Both are the same line: `+44 20 7946 0958` and `020 7946 0958`, `+7 912 …` and `8 912 …`. */
export function sameNumber(one: string, other: string): boolean {
  const [a, b] = [one, other].map((number) => digitsOf(number).replace(/^0+/u, '')) as [string, string];
  const length = Math.min(a.length, b.length);
  if (length === 0) return false;
  if (length < SUBSCRIBER) return a === b;
  const compared = Math.min(length, COMPARED);
  return a.slice(-compared) === b.slice(-compared);
}

/** Names as they are compared: without what differs by hand. */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toLocaleLowerCase().replace(/\s+/gu, ' ').trim();
