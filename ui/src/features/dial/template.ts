import { m } from '$lib/i18n';
import type { FieldValue, TaskField, TaskFieldKind, TaskTemplate } from '$lib/rpc/gen';
import { webAddress } from '$lib/web';

import { characters, fieldTime, timeOf } from './field';

/** Fields that the sheet shows by itself: title, text, whom it is for, when it begins. */
const own: readonly TaskFieldKind[] = ['name', 'description', 'quick_connect', 'scheduled_time'];
/** Kinds with a field here; others are named, and left to the platform. */
const known: readonly TaskFieldKind[] = [
  'url',
  'number',
  'text',
  'text_area',
  'date_time',
  'boolean',
  'single_select',
  'email',
];

/** The template's field of a kind that the sheet shows by itself. */
export const fieldOf = (template: TaskTemplate, kind: TaskFieldKind): TaskField | undefined =>
  template.fields.find((field) => field.kind === kind);

/** The fields that are the template's own. */
export const furtherFields = (template: TaskTemplate): TaskField[] =>
  template.fields.filter((field) => !own.includes(field.kind));

/** The field can be filled in here. */
export const isKnown = (field: TaskField): boolean => known.includes(field.kind);

/** Somebody has to be named before the task can be made. */
export function needsSomebody(template: TaskTemplate | null): boolean {
  if (template === null) return true;
  const field = fieldOf(template, 'quick_connect');
  return field?.required === true && field.default === null;
}

/** What a value of the platform looks like in its field. */
export function inField(kind: TaskFieldKind, value: string): string {
  if (kind !== 'date_time' && kind !== 'scheduled_time') return value;
  const at = Number(value);
  return value.trim() === '' || !Number.isFinite(at) ? '' : fieldTime(at);
}

/** What a field holds, as the platform takes it; empty: nothing. */
export function fromField(kind: TaskFieldKind, held: string): string {
  if (kind === 'date_time') return String(timeOf(held) ?? '');
  return kind === 'number' ? held.trim().replace(/^\+/, '') : held.trim();
}

/** The fields of a template as it gives them. */
export const defaultsOf = (template: TaskTemplate): Record<string, string> =>
  Object.fromEntries(
    furtherFields(template).map((field) => [field.name, inField(field.kind, field.default ?? '')]),
  );

/** What is wrong with a value, in words; `null`: nothing. */
export function faultOfValue(kind: TaskFieldKind, held: string): string | null {
  const value = held.trim();
  if (value === '') return null;
  if (kind === 'number' && !/^[+-]?(0|[1-9]\d*)(\.\d+)?$/.test(value)) return m.error_number_expected();
  if (kind === 'url' && webAddress(value) === null) return m.error_address_invalid();
  if (kind === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return m.error_mail_invalid();
  return null;
}

/** What is wrong with the template's own fields, by `field NAME`. */
export function faultsOfFields(
  template: TaskTemplate,
  held: Readonly<Record<string, string>>,
): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const field of furtherFields(template)) {
    if (field.read_only || !isKnown(field)) continue;
    const value = held[field.name] ?? '';
    const wrong = faultOfValue(field.kind, value);
    if (wrong !== null) faults[`field ${field.name}`] = wrong;
    else if (field.required && value.trim() === '') faults[`field ${field.name}`] = m.error_field_missing();
    else if (field.longest !== null && characters(value) > field.longest) {
      faults[`field ${field.name}`] = m.error_too_long();
    }
  }
  return faults;
}

/** The template's own fields as they are sent; what is fixed and what is empty is left out. */
export function valuesOf(template: TaskTemplate, held: Readonly<Record<string, string>>): FieldValue[] {
  return furtherFields(template)
    .filter((field) => !field.read_only && isKnown(field))
    .map((field) => ({ name: field.name, value: fromField(field.kind, held[field.name] ?? '') }))
    .filter((field) => field.value !== '');
}
