import type { parsePhoneNumberFromString, PhoneNumber } from 'libphonenumber-js/min';

// Every country's rules are a good part of the page: they come with the first number there is to show.
let parse = $state.raw<typeof parsePhoneNumberFromString | null>(null);
let coming: Promise<void> | null = null;

/** Gets the rules without a number to show yet. */
export const loadPhones = (): Promise<void> =>
  (coming ??= import('libphonenumber-js/min').then((library) => {
    parse = library.parsePhoneNumberFromString;
  }));

/**
 * What an address is as a phone number; `undefined` when it is none, or while the rules are on their way: whatever
 * shows it changes with their arrival.
 */
export function phoneNumber(address: string): PhoneNumber | undefined {
  if (!/^\+[\d\s().-]{5,24}$/.test(address)) return undefined;
  void loadPhones();
  return parse?.(address);
}
