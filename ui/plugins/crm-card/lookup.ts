/** Looks customers up: in the file beside the page, or at the address that the agent has set. */
import { digitsOf } from '../shared/number.ts';
import { find, narrow, readCustomers, type Customer, type Seeker } from './customers.ts';

/** What came of it. */
export type Found =
  | { readonly kind: 'one'; readonly customer: Customer }
  | { readonly kind: 'several'; readonly customers: readonly Customer[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly why: Why; readonly detail: string };

/** Why it failed: the address is no good, nobody answered, the answer was a refusal, the answer was not understood. */
export type Why = 'address' | 'silence' | 'refused' | 'answer';

/** `fetch`, as far as it is used here. */
export type Fetch = (address: string, options: RequestInit) => Promise<Response>;

const PATIENCE = 8_000;
const LONGEST_ANSWER = 512 * 1024;
const SHOWN_MATCHES = 20;
const HERE = /^(localhost|127\.0\.0\.1|\[::1\])$/u;

class Failure extends Error {
  readonly why: Why;
  constructor(why: Why, detail: string) {
    super(detail);
    this.why = why;
  }
}

/**
 * The address with what is known in the places of `{number}` (digits alone), `{name}`, `{email}` and `{id}`.
 * Undefined: none of what it asks for is known.
 */
export function addressFor(template: string, seeker: Seeker): string | undefined {
  const values: Readonly<Record<string, string>> = {
    number: digitsOf(seeker.number ?? ''),
    name: seeker.name ?? '',
    email: seeker.email ?? '',
    id: seeker.id ?? '',
  };
  const asked = [...template.matchAll(/\{(number|name|email|id)\}/gu)].map((match) => match[1] ?? '');
  if (asked.length > 0 && asked.every((name) => values[name] === '')) return undefined;
  const put = (value: (name: string) => string): URL => {
    const written = template.trim().replace(/\{(number|name|email|id)\}/gu, (_, name: string) => value(name));
    if (!URL.canParse(written)) throw new Failure('address', template);
    return new URL(written);
  };
  const url = put((name) => encodeURIComponent(values[name] ?? ''));
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && HERE.test(url.hostname));
  // A customer's name must not decide whom they are looked up at.
  if (!safe || put(() => '0').origin !== url.origin) throw new Failure('address', template);
  return url.href;
}

async function ask(fetching: Fetch, address: string, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  let body: string;
  try {
    response = await fetching(address, {
      signal,
      credentials: 'omit',
      headers: { accept: 'application/json' },
    });
    body = await response.text();
  } catch (error) {
    throw new Failure('silence', error instanceof Error ? error.message : String(error));
  }
  // "There is no such customer" is an answer.
  if (response.status === 404 || response.status === 204) return null;
  if (!response.ok) throw new Failure('refused', String(response.status));
  if (body.length > LONGEST_ANSWER) throw new Failure('answer', `${body.length} > ${LONGEST_ANSWER}`);
  try {
    return JSON.parse(body);
  } catch {
    throw new Failure('answer', body.slice(0, 80));
  }
}

async function matches(
  fetching: Fetch,
  template: string,
  seeker: Seeker,
  signal: AbortSignal,
): Promise<readonly Customer[]> {
  const remote = template.trim() !== '';
  const address = remote ? addressFor(template, seeker) : './customers.json';
  if (address === undefined) return [];
  const customers = readCustomers(await ask(fetching, address, signal));
  if (customers === undefined) throw new Failure('answer', '');
  return remote ? narrow(customers, seeker) : find(customers, seeker);
}

/** Looks somebody up. `signal` ends it early: nobody wants to know any more. */
export async function lookUp(
  fetching: Fetch,
  template: string,
  seeker: Seeker,
  signal: AbortSignal,
): Promise<Found> {
  const patience = new AbortController();
  const stop = (): void => patience.abort();
  const timer = setTimeout(stop, PATIENCE);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const found = await matches(fetching, template, seeker, patience.signal);
    const [first] = found;
    if (first === undefined) return { kind: 'unknown' };
    return found.length === 1
      ? { kind: 'one', customer: first }
      : { kind: 'several', customers: found.slice(0, SHOWN_MATCHES) };
  } catch (error) {
    if (error instanceof Failure) return { kind: 'failed', why: error.why, detail: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
