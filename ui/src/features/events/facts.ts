import { factLine, type Fact } from '$features/contacts/Facts.svelte';
import { customerTitle, exactTime, formatAddress } from '$lib/format';
import { m } from '$lib/i18n';
import type { Attribute, PlatformEvent } from '$lib/rpc/gen';

import { fieldLabel } from './field-names';
import { kindWords } from './kind-words';

/** What somebody wrote: `true` in there is a word of theirs. */
const written = ['message', 'text', 'content', 'description', 'subject'];

/** Longer names are not looked into. */
const longestName = 500;

/** Milliseconds between two clocks that agree. */
const agreed = 60_000;

const lastStep = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** A field's value as a person reads it. */
export function fieldValue({ name, value }: Attribute): string {
  const step = lastStep(name);
  if (value === 'true' && !written.includes(step)) return m.yes();
  if (value === 'false' && !written.includes(step)) return m.no();
  if (step === 'timestamp' && /^\d{12,13}$/.test(value)) return exactTime(Number(value));
  return formatAddress(value);
}

/** An id, a mark that is not set, or a number that stands for nothing: for machines more than for people. */
const isTechnical = ({ name, value }: Attribute): boolean =>
  value === 'false' || value === '0' || /(^id|Id|ID)$/.test(lastStep(name));

/** Names of the texts and members that have been taken apart into fields of their own. */
function parentsOf(fields: readonly Attribute[]): Set<string> {
  const parents = new Set<string>();
  for (const { name } of fields.filter((field) => field.name.length <= longestName))
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      parents.add(name.slice(0, dot));
  return parents;
}

/**
 * Every field in words, what says most first: what was found in texts (JSON, marks), then the platform's own
 * fields, then the technical ones, the empty ones, and those texts as they were sent.
 */
export function fieldFacts(fields: readonly Attribute[]): Fact[] {
  const parents = parentsOf(fields);
  const texts = fields
    .filter(({ name, value }) => value !== '' && parents.has(name))
    .map(({ name }) => `${name}.`);
  const rank = (field: Attribute): number => {
    if (field.value === '') return 3;
    if (parents.has(field.name)) return 4;
    if (texts.some((start) => field.name.startsWith(start))) return 0;
    // Members of members stay together.
    return !field.name.includes('.') && isTechnical(field) ? 2 : 1;
  };
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ field, rank }) => {
      const name = fieldLabel(field.name);
      return rank === 4
        ? { name: m.event_field_as_sent({ name }), value: field.value }
        : { name, value: fieldValue(field) };
    });
}

/** Medium and way, as the platform names them. */
export const channelText = ({ channel, way }: PlatformEvent): string =>
  [channel, way]
    .map((word) => word?.trim() ?? '')
    .filter((word, at, all) => word !== '' && all.indexOf(word) === at)
    .join(' · ');

/** The customer's name or number; `null`: neither is known. */
export const customerOf = ({ customer }: PlatformEvent): string | null =>
  customer.name?.trim() || customer.address?.trim() ? customerTitle(customer) : null;

/** What is known of an event beside its fields. */
export function eventFacts(event: PlatformEvent, arrived: number, account: string): Fact[] {
  const rows: [string, string][] = [
    [m.event_type(), kindWords(event)],
    [m.event_when(), exactTime(event.at)],
    // Only where the clocks do not agree.
    [m.event_arrived(), Math.abs(arrived - event.at) > agreed ? exactTime(arrived) : ''],
    [m.account_label(), account],
    [m.event_campaign(), event.campaign?.trim() ?? ''],
    [m.event_channel(), channelText(event)],
    // As it has to be written in a rule.
    [m.event_kind(), event.kind.trim()],
  ];
  return rows.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }));
}

/** Fields that say in a few words what happened, the best first. */
const telling = ['message', 'text', 'errorMessage', 'description', 'subject', 'reason', 'state', 'status'];
/** Characters of it that a row has room for. */
const room = 160;

/** In a few words what the event says; empty where only all of its fields tell. */
export function gist(event: PlatformEvent): string {
  const of = (name: string): string => event.fields.find((field) => field.name === name)?.value.trim() ?? '';
  const said = telling.map(of).find((value) => value !== '' && !/^-?\d+$/.test(value));
  if (said !== undefined) return said.slice(0, room);
  if (event.sort !== 'third_party') return '';
  const parents = parentsOf(event.fields);
  return event.fields
    .filter((field) => field.value !== '' && field.value !== 'true' && !parents.has(field.name))
    .filter((field) => !isTechnical(field))
    .slice(0, 2)
    .map(({ name, value }) =>
      m.event_fact({ name: fieldLabel(lastStep(name)), value: value.slice(0, room / 2) }),
    )
    .join(' · ');
}

/** The field that has the first of the words looked for, where the row does not show it anyway. */
export function match(event: PlatformEvent, words: string): string {
  const [word] = words.trim().toLowerCase().split(/\s+/);
  if (!word) return '';
  const field = event.fields.find(({ value }) => value.toLowerCase().includes(word));
  if (!field) return '';
  const value = fieldValue(field);
  const at = Math.max(0, value.toLowerCase().indexOf(word) - room / 4);
  const part = `${at > 0 ? '…' : ''}${value.slice(at, at + room)}`;
  return m.event_fact({ name: fieldLabel(field.name), value: part });
}

/** All of it as lines of text, for the clipboard. */
export const asText = (title: string, facts: readonly Fact[]): string =>
  [title, ...facts.map(factLine)].join('\n');
