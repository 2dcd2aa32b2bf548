import type { TaskDraft } from '$lib/desk/place.svelte';
import { m } from '$lib/i18n';
import type { TaskTemplate } from '$lib/rpc/gen';
import { webAddress } from '$lib/web';

import { characters, fieldTime, timeOf } from './field';
import { faultsOfFields, fieldOf, needsSomebody } from './template';

export { characters, fieldTime, timeOf };

/** The longest title and the longest text, characters; the core has the same. */
export const limits = { name: 512, description: 4096 };

/**
 * What is wrong with a task, in words, by field: `name`, `description`, `endpoint`, `when`, `links N`, and
 * `field NAME` of a template.
 */
export type Faults = Readonly<Record<string, string>>;

/** Rows of links that hold something. */
export const filled = (draft: TaskDraft): TaskDraft['links'] =>
  draft.links.filter((link) => link.name.trim() !== '' || link.address.trim() !== '');

/** What is wrong with the rows of links, by row; `taken`: names that are not free. */
export function faultsOfLinks(links: TaskDraft['links'], taken: Iterable<string> = []): Faults {
  const faults: Record<string, string> = {};
  const names = new Set<string>(taken);
  links.forEach((link, at) => {
    const [name, address] = [link.name.trim(), link.address.trim()];
    if (name === '' && address === '') return;
    if (webAddress(address) === null) faults[`links ${at}`] = m.error_address_invalid();
    else if (name === '' || names.has(name)) faults[`links ${at}`] = m.error_link_name();
    names.add(name);
  });
  return faults;
}

/** What is wrong with a title and a text. */
export function faultsOfText(name: string, description: string): Faults {
  const faults: Record<string, string> = {};
  if (name.trim() === '') faults['name'] = m.error_field_missing();
  else if (characters(name) > limits.name) faults['name'] = m.error_too_long();
  if (characters(description) > limits.description) faults['description'] = m.error_too_long();
  return faults;
}

/** What the agent can mend before anything is sent. */
export function faultsOf(draft: TaskDraft, now: number, template: TaskTemplate | null = null): Faults {
  const faults: Record<string, string> = { ...faultsOfText(draft.name, draft.description) };
  if (draft.endpoint === null && needsSomebody(template)) faults['endpoint'] = m.error_field_missing();
  if (draft.when !== null) {
    const at = timeOf(draft.when);
    if (at === null) faults['when'] = m.error_field_missing();
    else if (at <= now) faults['when'] = m.error_time_past();
  } else if (template !== null && fieldOf(template, 'scheduled_time')?.required === true) {
    faults['when'] = m.error_field_missing();
  }
  if (template === null) return { ...faults, ...faultsOfLinks(draft.links) };
  return { ...faults, ...faultsOfFields(template, draft.fields) };
}
