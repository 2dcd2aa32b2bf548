import { language } from '$lib/i18n';

/** A language as the platform writes it (`en_US`), in words; what no name is known for stays as it came. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(language.tag, { type: 'language' }).of(code.replaceAll('_', '-')) ?? code;
  } catch {
    return code;
  }
}
