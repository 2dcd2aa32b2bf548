/** Telephone numbers as agents type and paste them. */
import {
  AsYouType,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
  type CountryCode,
} from 'libphonenumber-js/min';

export type { CountryCode };

/** A country that a number can belong to. */
export interface Country {
  code: CountryCode;
  /** In the language of the panel. */
  name: string;
  /** Digits of its calling code, without the plus. */
  calling: string;
}

/** All countries with a calling code, by name. */
export function countries(locale = 'en'): Country[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' });
  const order = new Intl.Collator(locale);
  return getCountries()
    .map((code) => ({ code, name: names.of(code) ?? code, calling: getCountryCallingCode(code) }))
    .toSorted((a, b) => order.compare(a.name, b.name));
}

/** The country of a language tag (`de-AT`: Austria; `de`: Germany), or `null`. */
export function countryOf(locale: string): CountryCode | null {
  try {
    const region = new Intl.Locale(locale).maximize().region ?? '';
    return isSupportedCountry(region) ? region : null;
  } catch {
    return null;
  }
}

/** The remembered country where it is one, else the browser's, else the United States. */
export function countryToStart(remembered: string | null, locales: readonly string[]): CountryCode {
  if (remembered !== null && isSupportedCountry(remembered)) return remembered;
  for (const locale of locales) {
    const country = countryOf(locale);
    if (country !== null) return country;
  }
  return 'US';
}

/** What was pasted or typed, cleaned. */
export interface Cleaned {
  /** Digits, with a plus in front where the number is international. */
  digits: string;
  /** What follows the number and cannot be dialled with it (an extension), or `null`. */
  left: string | null;
}

/** Digits of any script as 0 to 9, full-width plus and signs as ASCII. */
const plain = (text: string): string => text.normalize('NFKC').replace(/\p{Nd}/gu, digitOf);

function digitOf(sign: string): string {
  if (/[0-9]/.test(sign)) return sign;
  // Digits of a script stand in a row of ten: count down to the zero.
  let at = sign.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(at - 1))) {
    at -= 1;
    value += 1;
  }
  return String(value);
}

/**
 * Takes the number out of what was typed or pasted: `tel:` links, blanks,
 * brackets, dots and dashes, `00` for the plus, `+44 (0)20`. Letters and
 * other signs are dropped; an extension is told apart.
 */
export function clean(text: string): Cleaned {
  let rest = plain(text).trim();
  const link = /^(?:tel|callto|sip|sips):(?:\/\/)?([^@?]*)/i.exec(rest);
  if (link) {
    try {
      rest = decodeURIComponent(link[1] ?? '');
    } catch {
      rest = link[1] ?? '';
    }
  }
  const [number = '', ...after] = rest.split(
    /(?:;ext=|;|,|\b(?:ext|extn|extension|x)\b\.?|(?<=\d)\s*x(?=\s*\d))/i,
  );
  const extension = after.join(' ').replace(/[^\d*#]/g, '');
  let digits = number.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
  if (/^\+/.test(digits) || /^00/.test(digits)) {
    // The zero of "+44 (0)20" is dialled inside the country only.
    digits = number
      .replace(/\(\s*0\s*\)/, '')
      .replace(/[^\d+]/g, '')
      .replace(/(?!^)\+/g, '')
      .replace(/^00/, '+');
  }
  return { digits, left: extension === '' ? null : extension };
}

/** How a number stands while it is typed. */
export type Verdict =
  | { kind: 'empty' }
  /** No country has this calling code. */
  | { kind: 'no_country' }
  | { kind: 'short' | 'long'; country: CountryCode }
  | { kind: 'length'; country: CountryCode }
  /** Can be dialled. `usual`: it also looks like a number that is given out there. */
  | { kind: 'good'; country: CountryCode | null; e164: string; shown: string; usual: boolean };

/** Judges digits as {@link clean} gives them, for the country where they have no plus. */
export function judge(digits: string, country: CountryCode): Verdict {
  if (digits === '' || digits === '+') return { kind: 'empty' };
  const there = digits.startsWith('+') ? typed(digits, country).country : country;
  switch (validatePhoneNumberLength(digits, country)) {
    case 'TOO_SHORT':
    case 'NOT_A_NUMBER':
      return { kind: 'short', country: there };
    case 'TOO_LONG':
      return { kind: 'long', country: there };
    case 'INVALID_LENGTH':
      return { kind: 'length', country: there };
    case 'INVALID_COUNTRY':
      // One or two digits may still become a calling code.
      return digits.length < 4 ? { kind: 'short', country: there } : { kind: 'no_country' };
    default:
      break;
  }
  const number = parsePhoneNumberFromString(digits, country);
  if (!number) return { kind: 'short', country: there };
  return {
    kind: 'good',
    country: number.country ?? (number.isNonGeographic() ? null : there),
    e164: number.number,
    shown: number.formatInternational(),
    // Numbering plans change faster than programs: unusual is said, not refused.
    usual: number.isValid(),
  };
}

/** A number as far as it is typed: readable, and whose it is. */
export function typed(digits: string, country: CountryCode): { shown: string; country: CountryCode } {
  const reader = digits.startsWith('+') ? new AsYouType() : new AsYouType(country);
  const shown = reader.input(digits);
  if (!digits.startsWith('+')) return { shown, country };
  const calling = reader.getCallingCode();
  // While a shared calling code (+1, +44) leaves it open, the chosen country stays if it fits.
  const own = calling !== undefined && getCountryCallingCode(country) === calling ? country : null;
  return { shown, country: reader.getCountry() ?? own ?? countryWith(calling) ?? country };
}

function countryWith(calling: string | undefined): CountryCode | null {
  if (calling === undefined) return null;
  return getCountries().find((code) => getCountryCallingCode(code) === calling) ?? null;
}

/** Characters that count when the caret is put back after formatting. */
const counts = (sign: string): boolean => /[\d+]/.test(sign);

/** How many characters that count stand before a place of a text. */
export const countBefore = (text: string, place: number): number =>
  [...text.slice(0, place)].filter(counts).length;

/** The place in a text after so many characters that count. */
export function placeAfter(text: string, count: number): number {
  if (count <= 0) return 0;
  let seen = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (counts(text[at] ?? '')) seen += 1;
    if (seen === count) return at + 1;
  }
  return text.length;
}
