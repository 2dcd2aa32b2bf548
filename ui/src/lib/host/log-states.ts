/** The program's log in the settings, for the gallery and the tests. */
import type { LogLevel, LogLine, LogPage, LogQuery, LogSettings, ReadLog } from '$lib/rpc/gen';

import * as f from './fixtures';
import type { State } from './states';

/** What the log of a state holds. */
export interface LogOf {
  settings?: Partial<LogSettings>;
  /** Newest first. */
  entries?: LogLine[];
  broken?: number;
}

const order: LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** Settings of the log. */
export const logSettings = (change: Partial<LogSettings> = {}): LogSettings => ({
  written: 'info',
  echoed: 'warn',
  overridden_by: null,
  fixed: [],
  folder: '~/.local/state/trunkline/logs',
  bytes: 1_240_000,
  most_bytes: 32 << 20,
  days: 7,
  lost: 0,
  trouble: null,
  ...change,
});

/** One entry, this many seconds ago. */
export const logLine = (id: string, seconds: number, change: Partial<LogLine> = {}): LogLine => ({
  id,
  time: f.ago(seconds),
  level: 'info',
  target: 'trunkline_core::calls',
  account: 'account-1',
  message: 'contact',
  fields: [],
  causes: [],
  ...change,
});

/** A page as the core makes it. */
export function logPage(log: LogOf, { query, limit, before }: ReadLog): LogPage {
  const has = (entry: LogLine, { since, level, text }: LogQuery): boolean =>
    order.indexOf(entry.level) <= order.indexOf(level) &&
    (since === null || entry.time >= since) &&
    JSON.stringify(entry).toLowerCase().includes(text.toLowerCase());
  const found = (log.entries ?? []).filter((entry) => has(entry, query));
  const start = before === null ? 0 : found.findIndex((entry) => entry.id === before) + 1;
  const entries = found.slice(start, start + limit);
  return {
    entries,
    total: found.length,
    broken: log.broken ?? 0,
    end: '1:5000',
    more: found.length > start + limit ? (entries.at(-1)?.id ?? null) : null,
  };
}

/** A little of everything. */
export const someEntries = (): LogLine[] => [
  logLine('1:900', 4, { message: 'contact', fields: [{ name: 'event', value: 'connected' }] }),
  logLine('1:800', 9, {
    level: 'error',
    target: 'trunkline_media::session',
    message: 'no relay gave a candidate: unreachable, or it refused the credentials',
    fields: [
      { name: 'host', value: 'turn.northwind.example' },
      { name: 'credential', value: '[secret 3fa91b02]' },
    ],
    causes: ['cannot connect', 'no route to host'],
  }),
  logLine('1:700', 40, {
    level: 'warn',
    target: 'trunkline_net::websocket',
    account: 'account-gone-0123456789',
    message: '<b>not</b> <img src=x onerror=alert(1)> markup\nsecond line \\u{1b}[31mred \u202E evil',
    fields: [{ name: 'reason', value: 'Wolfeschlegelsteinhausenbergerdorff'.repeat(4) }],
  }),
  logLine('1:600', 61, { account: null, target: 'trunkline_app::start', message: 'the core is up' }),
  logLine('1:500', 62, {
    account: null,
    message: 'Trunkline begins',
    fields: [{ name: 'version', value: '0.1.0' }],
  }),
];

const diagnostics = (log: LogOf, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot(),
  show: 'settings/diagnostics',
  log,
  ...rest,
});

export const logStates: Record<string, () => State> = {
  'diagnostics-empty': () => diagnostics({}),
  diagnostics: () => diagnostics({ entries: someEntries(), broken: 3 }),
  'diagnostics-many': () =>
    diagnostics({
      entries: Array.from({ length: 10_000 }, (_, at) =>
        logLine(`1:${10_000 - at}`, at / 10, { message: `entry ${10_000 - at}` }),
      ),
    }),
  'diagnostics-exported': () => diagnostics({ entries: someEntries() }, { click: ['log-export'] }),
  'diagnostics-export-failed': () =>
    diagnostics(
      { entries: someEntries() },
      { click: ['log-export'], refused: { log_export: 'error_log_no_room' } },
    ),
  'diagnostics-unreadable': () =>
    diagnostics({ entries: someEntries() }, { refused: { log_read: 'error_log_not_read' } }),
  'diagnostics-overridden': () =>
    diagnostics({
      settings: {
        overridden_by: 'TRUNKLINE_LOG',
        fixed: ['written'],
        lost: 12,
        trouble: 'No space left on device (os error 28)',
      },
      entries: someEntries(),
    }),
  'diagnostics-none': () => diagnostics({ settings: { folder: null } }),
};
