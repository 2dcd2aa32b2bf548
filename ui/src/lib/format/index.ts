/** Numbers, names and times as the agent reads them. */
import { language, m } from '$lib/i18n';
import type { Party } from '$lib/rpc/gen';

import { phoneNumber } from './phone.svelte';

/** A phone number readable, anything else as it came. */
export const formatAddress = (address: string): string =>
  phoneNumber(address)?.formatInternational() ?? address;

/** What "copy" puts on the clipboard: E.164 where it is a number. */
export const copyAddress = (address: string): string => phoneNumber(address)?.number ?? address;

/** The customer in a heading: name, else number, else words. */
export function customerTitle(party: Party): string {
  const name = party.name?.trim();
  if (name) return name;
  const address = party.address?.trim();
  return address ? formatAddress(address) : m.customer_unknown();
}

/** The number below the heading; `null` when the heading is the number already. */
export function customerAddress(party: Party): string | null {
  const address = party.address?.trim();
  return party.name?.trim() && address ? address : null;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `4:05`, `1:02:09`. Negative counts as zero. */
export function duration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** ISO 8601, for `<time datetime>`. */
export const isoDuration = (millis: number): string => `PT${Math.max(0, Math.floor(millis / 1000))}S`;

/** Seconds left until `end`, rounded up, never negative. */
export const secondsLeft = (end: number, now: number): number => Math.max(0, Math.ceil((end - now) / 1000));

/** Time of day today, with the date before that. In the agent's zone. `day`: today's `toDateString()`. */
function timeOrDay(at: number, day: string, today: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return m.value_none();
  return date.toDateString() === day
    ? date.toLocaleTimeString(language.tag, today)
    : date.toLocaleString(language.tag, { month: 'short', day: 'numeric', ...language.timeOfDay });
}

/** {@link timeOrDay} to the minute. */
export const whenTime = (at: number, day: string): string => timeOrDay(at, day, language.timeOfDay);

/** {@link timeOrDay}, today to the second. */
export const clockTime = (at: number, day: string): string =>
  timeOrDay(at, day, { ...language.timeOfDay, second: '2-digit' });

/** A day and a time of day, in the agent's zone. */
export const dayAndTime = (at: number): string =>
  new Date(at).toLocaleString(language.tag, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    ...language.timeOfDay,
  });

/** Day, year and time to the second, in the agent's zone; words where it is no time that a calendar has. */
export function exactTime(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? m.value_none()
    : date.toLocaleString(language.tag, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** For `<time datetime>`; `undefined` where it is no time that a calendar has. */
export function isoTime(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** A number of things, with its thousands apart. */
export const formatCount = (count: number): string => count.toLocaleString(language.tag);

/** A number with so many digits after the point, as the agent's language writes it. */
export const decimal = (value: number, digits: number): string =>
  value.toLocaleString(language.tag, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });

/** How long something lasts, in words, to the minute. Negative counts as zero. */
export function roughDuration(millis: number): string {
  const minutes = Math.max(0, Math.floor(millis / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (minutes === 0) return m.duration_under_minute();
  if (days > 0) return m.duration_days({ days: String(days), hours: String(hours) });
  const rest = { minutes: String(minutes % 60) };
  return hours > 0 ? m.duration_hours({ ...rest, hours: String(hours) }) : m.duration_minutes(rest);
}

/** Hours and minutes, in the agent's zone. */
export const shortTime = (at: number): string =>
  new Date(at).toLocaleTimeString(language.tag, language.timeOfDay);

/** A day in words. `day`: today's `toDateString()`. */
export function dayWords(at: number, day: string): string {
  const date = new Date(at);
  if (date.toDateString() === day) return m.chat_today();
  const before = new Date(day);
  before.setDate(before.getDate() - 1);
  if (date.toDateString() === before.toDateString()) return m.chat_yesterday();
  const year = date.getFullYear() === new Date(day).getFullYear() ? undefined : 'numeric';
  return date.toLocaleDateString(language.tag, { weekday: 'long', day: 'numeric', month: 'long', year });
}

/** A root mean square of 0 to 1 as a share of a meter from -60 dB to 0 dB. */
export function meterShare(level: number | null): number {
  if (level === null || !(level > 0)) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(level)) / 60));
}
