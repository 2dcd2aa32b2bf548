/** What is said of a customer's record. */
import { formatAddress } from '$lib/format';
import { m } from '$lib/i18n';
import type { CustomerField, CustomerRecord } from '$lib/rpc/gen';

/** Longer values are cut; copied, they are whole. */
const longest = 1000;

/** A value as it is shown. */
export function valueWords(field: CustomerField, value: string): string {
  const text = field.address ? formatAddress(value) : value;
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** Fields in the order in which they are shown: ways to reach the customer first. */
export const ordered = (fields: readonly CustomerField[]): CustomerField[] =>
  fields.toSorted((a, b) => Number(b.address) - Number(a.address));

/** What a field is called. */
export const fieldName = (field: CustomerField): string => field.label.trim() || m.field_generic();

/** A customer's name; one without has their first address. Names stand in sentences: none must turn their direction. */
export function recordName(record: CustomerRecord): string {
  const name = record.name?.replace(/\p{Bidi_Control}/gu, '').trim();
  if (name) return name.length > 120 ? `${name.slice(0, 120)}…` : name;
  const field = record.fields.find((one) => one.address && !one.hidden && one.values.length > 0);
  return field?.values[0] ? valueWords(field, field.values[0]) : m.customer_nameless();
}

/** The first things that tell two customers apart, as lines. */
export function firstLines(record: CustomerRecord, most: number): string[] {
  const shown = ordered(record.fields).filter((field) => !field.hidden && field.values.length > 0);
  return shown.slice(0, most).map((field) => {
    const values = field.values.map((value) => valueWords(field, value)).join(', ');
    return m.customer_line({ name: fieldName(field), value: values.slice(0, 120) });
  });
}
