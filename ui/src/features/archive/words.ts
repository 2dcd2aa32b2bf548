import { kindWords } from '$features/supervision/words';
import { language, m } from '$lib/i18n';
import type { ArchivedContact } from '$lib/rpc/gen';

const isTime = (at: number | null): at is number => at !== null && !Number.isNaN(new Date(at).getTime());

/** From when to when it went, as the agent's language writes it; empty: the platform does not say. */
export function periodWords({ began, ended }: Pick<ArchivedContact, 'began' | 'ended'>): string {
  const times = [began, ended].filter(isTime);
  const [from, to] = [times.at(0), times.at(-1)];
  if (from === undefined || to === undefined) return '';
  const sameYear = new Date(from).getFullYear() === new Date().getFullYear();
  const format = new Intl.DateTimeFormat(language.tag, {
    year: sameYear ? undefined : 'numeric',
    month: 'short',
    day: 'numeric',
    ...language.timeOfDay,
  });
  // A clock that was set back says otherwise: a time alone is still right.
  return from < to ? format.formatRange(from, to) : format.format(to);
}

/** When, on which way and with whom it was, each by itself. */
export const aboutWords = (contact: ArchivedContact): string[] =>
  [
    periodWords(contact),
    contact.kind === null ? '' : kindWords(contact.kind),
    contact.agent?.trim() ? m.archive_by({ agent: contact.agent.trim() }) : '',
  ].filter(Boolean);
