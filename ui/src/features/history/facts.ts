import { initiationWords, subtypeWords } from '$features/contacts/background';
import { factLine, type Fact } from '$features/contacts/Facts.svelte';
import { channelWords, directionWords, outcomeWords } from '$features/contacts/words';
import { dayAndTime, decimal, duration, formatAddress } from '$lib/format';
import { mediaFailureWords } from '$features/softphone/failure';
import { m } from '$lib/i18n';
import type { Annotations, CallSummary, HistoryEntry, StreamStats } from '$lib/rpc/gen';

/** What one finished contact was like, in words, and how its call sounded. */
export interface EntryFacts {
  contact: Fact[];
  /** What was put onto it here, by plugins. */
  noted: Fact[];
  sound: Fact[];
}

const ms = (value: number): string => m.value_ms({ value: decimal(value, 0) });

/** Share of packets that did not come, percent. */
function loss({ packets, packets_lost }: StreamStats): string | null {
  const lost = Math.max(0, packets_lost);
  if (packets + lost === 0) return null;
  return m.value_percent({ value: decimal((100 * lost) / (packets + lost), 1) });
}

/** Rows whose value is known. */
const known = (rows: [string, string | null | undefined][]): Fact[] =>
  rows.flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [{ name, value }],
  );

const span = (from: number | null, to: number | null): string | null =>
  from === null || to === null || to < from ? null : duration(to - from);

/** Entries of earlier versions have fewer members. */
export function entryFacts(entry: HistoryEntry): EntryFacts {
  const { messages, holds, summary } = entry;
  const answered = entry.taken_at ?? entry.connected_at;
  const contact = known([
    [m.history_account(), entry.account_name],
    [m.history_when(), dayAndTime(entry.ended_at)],
    [m.history_kind(), entry.subtype ? subtypeWords(entry.subtype) : channelWords(entry.channel)],
    [m.history_direction(), directionWords(entry.direction)],
    [m.history_initiation(), entry.initiation ? initiationWords(entry.initiation) : null],
    [m.history_number(), entry.customer.address ? formatAddress(entry.customer.address) : null],
    [m.history_queue(), entry.queue],
    [m.history_outcome(), outcomeWords(entry)],
    [
      entry.channel === 'voice' ? m.history_waited() : m.history_waited_other(),
      span(entry.offered_at, answered ?? entry.ended_at),
    ],
    [
      entry.channel === 'voice' ? m.history_talked() : m.history_worked(),
      span(entry.connected_at, entry.ended_at),
    ],
    [m.history_held(), heldWords(holds ?? 0, entry.held_ms ?? 0)],
    [m.history_wrap_up(), entry.wrap_up_ms ? duration(entry.wrap_up_ms) : null],
    [m.history_messages(), messages ? countWords(messages) : null],
  ]);
  return { contact, noted: notedFacts(entry), sound: summary ? soundFacts(entry, summary) : [] };
}

function notedFacts(entry: HistoryEntry): Fact[] {
  const annotations = entry.annotations as Annotations | undefined;
  if (annotations === undefined) return [];
  const { id, name, phone, email } = annotations.customer;
  const customer = known([
    [m.noted_customer(), name],
    [m.noted_customer_id(), id],
    [m.history_number(), phone ? formatAddress(phone) : null],
    [m.noted_email(), email],
  ]);
  return [
    ...customer,
    ...Object.entries(annotations.attributes).map(([key, value]) => ({ name: key, value })),
  ];
}

const heldWords = (holds: number, held: number): string | null =>
  holds === 0 ? null : m.history_held_times({ duration: duration(held), count: holds });

const countWords = ({ sent, received, files }: NonNullable<HistoryEntry['messages']>): string => {
  const said = { sent: String(sent), received: String(received) };
  return files > 0
    ? m.history_messages_files({ ...said, files: String(files) })
    : m.history_messages_count(said);
};

function soundFacts(entry: HistoryEntry, summary: CallSummary): Fact[] {
  const { last, route, devices } = { ...summary, devices: entry.devices };
  const heard = last.received.packets > 0;
  return known([
    [m.history_quality(), last.mos === null ? null : mos(last.mos, summary.worst_mos)],
    [m.history_loss_received(), loss(last.received)],
    [m.history_loss_sent(), loss(last.sent)],
    [m.quality_jitter(), heard ? ms(last.received.jitter_ms) : null],
    [m.quality_round_trip(), last.round_trip_ms === null ? null : ms(last.round_trip_ms)],
    [m.history_codec(), codecWords(summary.codec)],
    [m.history_microphone(), devices?.microphone],
    [m.history_speaker(), devices?.speaker],
    [m.history_route(), route ? m.history_route_words({ protocol: route.protocol.toUpperCase() }) : null],
    [m.history_setup(), setupWords(summary)],
    [m.history_first_words(), summary.accept_to_audio_ms === null ? null : ms(summary.accept_to_audio_ms)],
    [m.history_path_losses(), summary.path_losses > 0 ? String(summary.path_losses) : null],
    [
      m.history_failure(),
      summary.failure ? mediaFailureWords(summary.failure, summary.failed_address) : null,
    ],
  ]);
}

const mos = (value: number, worst: number | null): string =>
  worst === null
    ? decimal(value, 1)
    : m.history_quality_words({ value: decimal(value, 1), worst: decimal(worst, 1) });

const codecWords = (codec: string | null | undefined): string | null =>
  codec === 'opus' ? 'Opus' : codec === 'PCMU' ? 'G.711' : (codec ?? null);

function setupWords({ setup_ms: setup, connection_reused: reused }: CallSummary): string | null {
  if (reused) return m.history_setup_reused();
  return setup === null ? null : ms(setup);
}

/** All of it as lines of text, for the clipboard. */
export function asText(title: string, { contact, noted, sound }: EntryFacts): string {
  const parts = [title, ...contact.map(factLine)];
  if (noted.length > 0) parts.push('', m.noted_here(), ...noted.map(factLine));
  if (sound.length > 0) parts.push('', m.history_sound(), ...sound.map(factLine));
  return parts.join('\n');
}
