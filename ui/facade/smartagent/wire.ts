/**
 * What goes over the wire between a plugin's page and the panel, seen from the page: plain values, no browser.
 *
 * The envelope is Trunkline's own. What smartagent-plugin-sdk itself sends was never published.
 */

/** The SDK, and its version whose methods this script has. */
export const SDK = { sdk: 'smartagent-plugin-sdk', sdkVersion: '0.0.13' } as const;

/** What the panel drops without a word when it is larger, in bytes of UTF-8. */
export const LARGEST_MESSAGE = 64 * 1024;

/** How long an answer may take, in milliseconds. */
export const PATIENCE = 10_000;

/** The agent is asked first: that takes as long as a person takes. */
const ASKS_THE_AGENT = new Set(['transfer_call', 'quick_connect', 'end_conference_call']);
const PATIENCE_WITH_PEOPLE = 120_000;

/** How long to wait for the answer to a message of that name, in milliseconds. */
export const patienceFor = (event: string): number =>
  ASKS_THE_AGENT.has(event) ? PATIENCE_WITH_PEOPLE : PATIENCE;

/** A message of the page. */
export interface Outgoing {
  readonly source: 'smartagent-plugin-sdk';
  readonly v: 1;
  readonly id: string;
  readonly event: string;
  readonly message?: unknown;
}

/** Why the panel refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What the panel says: an answer to one message, or an event. */
export type Incoming =
  | { readonly kind: 'answer'; readonly id: string; readonly message: unknown }
  | { readonly kind: 'refusal'; readonly id: string; readonly error: Refusal }
  | { readonly kind: 'event'; readonly event: string; readonly message: unknown };

/** Anything that has members. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text, or what stands in for it when it is none. */
export const textOr = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** What a message of the panel means; undefined: it is none of the panel's. */
export function decode(data: unknown): Incoming | undefined {
  if (!isRecord(data) || data['source'] !== 'smartagent' || data['v'] !== 1) return undefined;
  const { event, id, ok, message, error } = data;
  if (typeof event !== 'string') return undefined;
  if (typeof id !== 'string') return { kind: 'event', event, message };
  // The answer to `init` bears the name `init`, all others `reply`.
  if (event !== 'reply' && event !== 'init') return undefined;
  if (ok === true) return { kind: 'answer', id, message };
  const refusal = isRecord(error) ? error : {};
  return {
    kind: 'refusal',
    id,
    error: {
      code: textOr(refusal['code'], 'failed'),
      message: textOr(refusal['message'], 'The panel refused and did not say why.'),
    },
  };
}

/** The map of texts in a value; whatever is not text is left out. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
