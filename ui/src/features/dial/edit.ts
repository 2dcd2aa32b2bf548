import type { TaskEdit } from '$lib/desk/place.svelte';
import { m } from '$lib/i18n';
import type { Contact, Reference, TaskFieldKind, UpdateTask } from '$lib/rpc/gen';

import { fieldTime } from './field';
import { faultsOfLinks, faultsOfText, limits, type Faults } from './task';
import { faultOfValue, fromField } from './template';

/** Seconds since 1970, as the platform writes a date; anything else is left alone. */
const seconds = /^\d{9,11}(\.\d+)?$/;

/** What a reference takes; `null`: it cannot be changed here. */
export function kindOf(reference: Reference): TaskFieldKind | null {
  switch (reference.kind) {
    case 'url':
    case 'number':
    case 'email':
      return reference.kind;
    case 'text':
      return 'text_area';
    case 'date':
      return seconds.test(reference.value) ? 'date_time' : null;
    default:
      return null;
  }
}

/** What a reference looks like in its field. */
export const heldIn = (reference: Reference): string =>
  kindOf(reference) === 'date_time' ? fieldTime(Number(reference.value) * 1000) : reference.value;

/** What the agent can mend before anything is sent. */
export function faultsOfEdit(draft: TaskEdit, references: readonly Reference[]): Faults {
  const faults: Record<string, string> = {
    ...faultsOfText(draft.name, draft.description),
    ...faultsOfLinks(
      draft.links,
      references.map((one) => one.name),
    ),
  };
  for (const reference of references) {
    const kind = kindOf(reference);
    const held = draft.references[reference.name] ?? '';
    if (kind === null || held === heldIn(reference)) continue;
    const wrong = held.trim() === '' ? m.error_field_missing() : faultOfValue(kind, held);
    if (wrong !== null) faults[`field ${reference.name}`] = wrong;
    else if ([...held].length >= limits.description) faults[`field ${reference.name}`] = m.error_too_long();
  }
  return faults;
}

/** What differs from the task as it was; `null`: nothing. */
export function changeOf(draft: TaskEdit, before: Contact | undefined): Omit<UpdateTask, 'contact'> | null {
  const changed = (now: string, then: string | null | undefined): string | null =>
    now.trim() === (then ?? '').trim() ? null : now.trim();
  const references = (before?.references ?? []).flatMap((reference) => {
    const kind = kindOf(reference);
    const held = draft.references[reference.name] ?? '';
    if (kind === null || held === heldIn(reference)) return [];
    return [{ name: reference.name, value: fromField(kind, held) }];
  });
  const links = draft.links
    .map((link) => ({ name: link.name.trim(), address: link.address.trim() }))
    .filter((link) => link.name !== '' || link.address !== '');
  const name = changed(draft.name, before?.subject);
  const description = changed(draft.description, before?.description);
  const nothing = name === null && description === null && references.length === 0 && links.length === 0;
  return nothing ? null : { name, description, references, links };
}
