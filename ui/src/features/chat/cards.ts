/** Places and people to reach, as an agent fills them in. The core checks the same and has the last word. */
import { characters } from '$features/dial/field';
import type { Faults } from '$features/dial/task';
import { faultOfValue } from '$features/dial/template';
import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import { m } from '$lib/i18n';
import type { ContactCard, ContactKey, Place } from '$lib/rpc/gen';

/** The longest member, characters, and people in one message; the core has the same. */
export const limits = { line: 500, people: 10 };

/** A place as far as it is filled in. */
export interface PlaceDraft {
  latitude: string;
  longitude: string;
  name: string;
  address: string;
}
/** Somebody to reach as far as they are filled in. */
export interface PersonDraft {
  name: string;
  phones: string[];
  mail: string;
}
export const newPlace = (): PlaceDraft => ({ latitude: '', longitude: '', name: '', address: '' });
export const newPerson = (): PersonDraft => ({ name: '', phones: [''], mail: '' });

/** Degrees as typed, as a number is written; `null`: none, or more than there are. */
export function degrees(typed: string, most: number): string | null {
  const text = typed.trim().replace(/\s*°$/, '').replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) || Math.abs(Number(text)) > most) return null;
  return text;
}

const number = String.raw`[+-]?\d{1,3}(?:\.\d+)?`;
/** In addresses of maps: `@LAT,LON`, `q=LAT,LON` and its likes, `geo:LAT,LON`, and the two apart. */
const inAddress = [
  new RegExp(
    `[?&#](?:q|ll|sll|query|center|daddr|destination|cp)=(?:loc:)?(${number})[,~ +](${number})`,
    'i',
  ),
  new RegExp(`[?&]mlat=(${number})&mlon=(${number})`, 'i'),
  new RegExp(`@(${number}),(${number})`),
  new RegExp(`^geo:(${number}),(${number})`, 'i'),
  new RegExp(`#map=[\\d.]+/(${number})/(${number})`),
];
/** Both side by side. A comma with nothing after it is the decimal sign of many languages: `52,5` is one number. */
const sideBySide = [
  new RegExp(`^(${number})\\s*°?\\s*(?:[,;]\\s+|;|\\s+)(${number})\\s*°?$`),
  /^([+-]?\d{1,3}\.\d+)°?,([+-]?\d{1,3}(?:\.\d+)?)°?$/,
  /^([+-]?\d{1,3},\d+)\s*°?\s*(?:;\s*|,\s+|\s+)([+-]?\d{1,3},\d+)\s*°?$/,
];

/** Both degrees out of what was pasted: `52.52, 13.405`, or the address of a map; `null`: they are not in it. */
export function readPlace(pasted: string): Pick<Place, 'latitude' | 'longitude'> | null {
  let text = pasted.trim();
  try {
    text = decodeURIComponent(text);
  } catch {
    // Taken as it is.
  }
  for (const pattern of /^\w+:/.test(text) ? inAddress : sideBySide) {
    const found = pattern.exec(text);
    const latitude = degrees(found?.[1] ?? '', 90);
    const longitude = degrees(found?.[2] ?? '', 180);
    if (latitude !== null && longitude !== null) return { latitude, longitude };
  }
  return null;
}

const tooLong = (text: string): boolean => characters(text) > limits.line;

/** What is wrong with a place, by field. */
export function faultsOfPlace(draft: PlaceDraft): Faults {
  const faults: Record<string, string> = {};
  for (const [field, most] of [
    ['latitude', 90],
    ['longitude', 180],
  ] as const) {
    if (draft[field].trim() === '') faults[field] = m.error_field_missing();
    else if (degrees(draft[field], most) === null) faults[field] = m.error_degrees();
  }
  for (const field of ['name', 'address'] as const)
    if (tooLong(draft[field])) faults[field] = m.error_too_long();
  return faults;
}

/** The place as it is sent. */
export const placeOf = (draft: PlaceDraft): Place => ({
  latitude: degrees(draft.latitude, 90) ?? draft.latitude.trim(),
  longitude: degrees(draft.longitude, 180) ?? draft.longitude.trim(),
  name: draft.name.trim() || null,
  address: draft.address.trim() || null,
});

/** What is wrong with people, by field and place: `name 0`, `phone 0 1`, `mail 0`, and `people` for them all. */
export function faultsOfPeople(people: readonly PersonDraft[]): Faults {
  const faults: Record<string, string> = {};
  if (people.length > limits.people) faults['people'] = m.error_too_many();
  people.forEach((person, at) => {
    if (person.name.trim() === '') faults[`name ${at}`] = m.error_field_missing();
    else if (tooLong(person.name)) faults[`name ${at}`] = m.error_too_long();
    person.phones.forEach((phone, row) => {
      if (phone.trim() === '') return;
      if (!/\d/.test(phone)) faults[`phone ${at} ${row}`] = m.cards_phone_invalid();
      else if (tooLong(phone)) faults[`phone ${at} ${row}`] = m.error_too_long();
    });
    const mail = person.mail.trim();
    const wrong = mail === '' ? null : faultOfValue('email', mail);
    if (wrong !== null) faults[`mail ${at}`] = wrong;
    else if (tooLong(mail)) faults[`mail ${at}`] = m.error_too_long();
    if (mail === '' && person.phones.every((phone) => phone.trim() === ''))
      faults[`phone ${at} 0`] = m.cards_no_way();
  });
  return faults;
}

/** People as they are sent. */
export const cardsOf = (people: readonly PersonDraft[]): ContactCard[] =>
  people.map((person) => {
    const mail = person.mail.trim();
    return {
      name: person.name.trim(),
      phones: person.phones.map((phone) => phone.trim()).filter(Boolean),
      more: mail === '' ? [] : [{ name: m.cards_mail(), value: mail }],
    };
  });

/** What is begun and not sent in one conversation: there again when the sheet opens anew. */
interface Begun {
  place: PlaceDraft | null;
  people: PersonDraft[] | null;
}
const begun = new WeakMap<Desk, Record<string, Begun>>();

/** That of one conversation. */
export function begunIn(desk: Desk, contact: ContactKey): Begun {
  const mine = begun.get(desk) ?? {};
  begun.set(desk, mine);
  return (mine[keyText(contact)] ??= { place: null, people: null });
}
