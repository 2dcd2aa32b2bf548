import type { AccountView, EventKey, EventView } from '$lib/rpc/gen';

/** The account's platform tells events of its own, or supervisors' words as such. */
export const tellsEvents = (account: AccountView): boolean =>
  account.capabilities.includes('platform_events') || account.capabilities.includes('announcements');

/** An event's key as one text, unique among all accounts. */
export const eventText = (key: EventKey): string => JSON.stringify([key.account, key.event]);

/** The key of an event that is listed or was found. */
export const keyOf = ({ account, event }: Pick<EventView, 'account' | 'event'>): EventKey => ({
  account,
  event: event.id,
});

/** Events by their keys. */
export const byKey = <T extends Pick<EventView, 'account' | 'event'>>(
  events: readonly T[],
): ReadonlyMap<string, T> => new Map(events.map((one) => [eventText(keyOf(one)), one]));

/** Both together, each event once. */
export const joined = <T extends Pick<EventView, 'account' | 'event'>>(
  events: readonly T[],
  more: readonly T[],
): T[] => [...byKey([...events, ...more]).values()];

/** Events that nobody has looked at. */
export const unread = (events: readonly EventView[]): EventView[] => events.filter((view) => view.unread);

/** Screen pops that nobody has looked at, the newest first. */
export const freshPops = (events: readonly EventView[]): EventView[] =>
  events.filter((view) => view.unread && view.event.sort === 'screen_pop').toReversed();

/** The last event of each account that has unread ones: all up to there are read then. */
export function readUpTo(events: readonly EventView[]): EventKey[] {
  const accounts = new Set(unread(events).map((view) => view.account));
  return [...accounts].flatMap((account) => {
    const last = events.findLast((view) => view.account === account);
    return last ? [keyOf(last)] : [];
  });
}
