import type { TaskDraft } from '$lib/desk/place.svelte';
import { m } from '$lib/i18n';
import { webAddress } from '$lib/web';

/** The longest title and the longest text, characters; the core has the same. */
export const limits = { name: 512, description: 4096 };

/** What is wrong with a task, in words, by field: `name`, `description`, `endpoint`, `when`, `links N`. */
export type Faults = Readonly<Record<string, string>>;

/** Characters as the core counts them: a picture is one. */
export const characters = (text: string): number => [...text.trim()].length;

/** What the field for date and time holds, in Unix milliseconds; `null`: nothing usable. */
export function timeOf(when: string): number | null {
  const at = new Date(when).getTime();
  return when === '' || Number.isNaN(at) ? null : at;
}

/** A time as the field for date and time takes it, in the agent's zone. */
export function fieldTime(at: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Rows of links that hold something. */
export const filled = (draft: TaskDraft): TaskDraft['links'] =>
  draft.links.filter((link) => link.name.trim() !== '' || link.address.trim() !== '');

/** What the agent can mend before anything is sent. */
export function faultsOf(draft: TaskDraft, now: number): Faults {
  const faults: Record<string, string> = {};
  if (draft.name.trim() === '') faults['name'] = m.error_field_missing();
  else if (characters(draft.name) > limits.name) faults['name'] = m.error_too_long();
  if (characters(draft.description) > limits.description) faults['description'] = m.error_too_long();
  if (draft.endpoint === null) faults['endpoint'] = m.error_field_missing();
  if (draft.when !== null) {
    const at = timeOf(draft.when);
    if (at === null) faults['when'] = m.error_field_missing();
    else if (at <= now) faults['when'] = m.error_time_past();
  }
  const names = new Set<string>();
  draft.links.forEach((link, at) => {
    const [name, address] = [link.name.trim(), link.address.trim()];
    if (name === '' && address === '') return;
    if (webAddress(address) === null) faults[`links ${at}`] = m.error_address_invalid();
    else if (name === '' || names.has(name)) faults[`links ${at}`] = m.error_link_name();
    names.add(name);
  });
  return faults;
}
