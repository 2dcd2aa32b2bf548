/** The few texts of a plugin, in the panel's languages. */

/** Languages that these plugins have. */
export type Language = 'en' | 'ru';

/** The language to write in, of what the panel or the system calls it. */
export const languageOf = (tag: string | undefined): Language =>
  tag?.toLowerCase().split('-')[0] === 'ru' ? 'ru' : 'en';

/** A text with its values in it: `{name}` is replaced by the value of that name. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/gu, (whole, name: string) => String(values[name] ?? whole));

/** Texts that depend on a number, by plural form. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** The text that fits the number, with the number in it. */
export const plural = (language: Language, forms: Plural, count: number): string =>
  fill(forms[new Intl.PluralRules(language).select(count)] ?? forms.other, { count });

/** A point in time, as people write it. */
export const moment = (language: Language, at: Date): string =>
  new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(at);

/** A day. */
export const day = (language: Language, at: Date): string =>
  new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', { dateStyle: 'medium' }).format(at);

/**
 * A program's name, as people read it: `campaignData.orderNo` is `Campaign data › Order no`. What is no such name stays
 * as it is.
 */
export function nameInWords(name: string): string {
  if (!/^[A-Za-z][\w.-]{0,79}$/u.test(name)) return name;
  const words = (part: string): string => {
    const apart = part.replaceAll(/([a-z\d])([A-Z])/gu, '$1 $2').replaceAll(/[_-]+/gu, ' ');
    const small = apart.replaceAll(/\b[A-Z][a-z]/gu, (start) => start.toLowerCase()).trim();
    return small.charAt(0).toUpperCase() + small.slice(1);
  };
  return name.split('.').map(words).filter(Boolean).join(' › ');
}
