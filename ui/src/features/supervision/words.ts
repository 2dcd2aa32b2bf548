import { lineWords } from '$features/chat/lines';
import { m } from '$lib/i18n';
import type { Listening, Subtype, SupervisedPart, SupervisionPart } from '$lib/rpc/gen';

/** A way to a customer, short. */
export const kindWords = (kind: Subtype): string => (kind === 'task' ? m.channel_task() : lineWords(kind));

const why: Record<Exclude<Listening, 'possible' | 'mine'>, () => string> = {
  taken: m.team_listen_taken,
  telephone: m.team_listen_telephone,
  impossible: m.team_listen_impossible,
};

/** Why a conversation cannot be listened to; `null`: it can, or is already. */
export const notListened = (listening: Listening): string | null =>
  listening === 'possible' || listening === 'mine' ? null : why[listening]();

const parts: Record<SupervisionPart, () => string> = {
  agents: m.team_missing_agents,
  waiting: m.team_missing_waiting,
  contacts: m.team_missing_contacts,
};

/** Which list could not be read. */
export const missingWords = (part: SupervisionPart): string => parts[part]();

/** A name stands in a sentence: it must not turn its direction. */
const plain = (name: string): string => name.replace(/\p{Bidi_Control}/gu, '').trim() || m.roster_unnamed();

/** Who works on a contact; who only listens is told from those. */
export const personWords = ({ name, role }: SupervisedPart): string =>
  role === 'supervisor' ? m.team_person_listens({ name: plain(name) }) : plain(name);
