import { language, m } from '$lib/i18n';
import type { LogLevel } from '$lib/rpc/gen';

/** Levels of the log, the worst first, in words. */
export const levels: readonly { level: LogLevel; words: () => string }[] = [
  { level: 'error', words: m.log_level_error },
  { level: 'warn', words: m.log_level_warn },
  { level: 'info', words: m.log_level_info },
  { level: 'debug', words: m.log_level_debug },
  { level: 'trace', words: m.log_level_trace },
];

/** One level as the mark of an entry. */
export const levelMark: Record<LogLevel, () => string> = {
  error: m.log_mark_error,
  warn: m.log_mark_warn,
  info: m.log_mark_info,
  debug: m.log_mark_debug,
  trace: m.log_mark_trace,
};

/** Spans of time that can be looked at, in minutes; 0: everything that is kept. */
export const spans: readonly { minutes: number; words: () => string }[] = [
  { minutes: 15, words: m.log_span_quarter },
  { minutes: 60, words: m.log_span_hour },
  { minutes: 24 * 60, words: m.log_span_day },
  { minutes: 0, words: m.log_span_all },
];

/** A size in kilobytes or megabytes, as the agent's language writes it. */
export function fileSize(bytes: number): string {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
  return new Intl.NumberFormat(language.tag, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
}

/** Date and time of day with milliseconds, in the agent's zone. */
export const entryTime = (at: number): string =>
  new Date(at).toLocaleString(language.tag, {
    month: 'short',
    day: 'numeric',
    ...language.timeOfDay,
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
