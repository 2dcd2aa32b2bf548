import { humanise } from '$features/events/humanise';
import { kindWords } from '$features/events/kind-words';
import { sorts, sortWords } from '$features/events/sorts';
import { accountWords } from '$lib/desk/accounts';
import { m } from '$lib/i18n';
import type { AccountView, EventAct, EventRule, ScreenPop } from '$lib/rpc/gen';

import { pageIdentity } from './page';

/** In the order shown. */
const acts: readonly EventAct[] = ['notify', 'ring', 'open_page', 'bring_to_front'];

/** A new one fits every event and notifies. */
export const freshRule = (): EventRule => ({
  name: '',
  account: null,
  kinds: [],
  sorts: [],
  campaigns: [],
  channels: [],
  acts: ['notify'],
  page: null,
});

/** What a rule names besides itself. */
export interface Around {
  accounts: readonly AccountView[];
  pages: readonly ScreenPop[];
}

/** Longer words are cut: a sentence has to stay one. */
const longest = 60;
const short = (word: string): string => (word.length > longest ? `${word.slice(0, longest)}…` : word);

/** A type as a rule names it: in words where there are some, else as it was written. */
function kind(name: string): string {
  if (name.endsWith('*')) {
    const start = name.slice(0, -1).trim();
    return start === '' ? m.rule_every_kind() : m.rule_kind_begins({ start: short(start) });
  }
  const words = kindWords({ kind: name, channel: null });
  return words === humanise(name) ? m.rule_kind_named({ kind: short(name) }) : words;
}

/** Which events a rule is for, in words. */
export function whenWords(rule: EventRule, { accounts }: Around): string {
  const sortsOfRule = sorts.filter((sort) => rule.sorts.includes(sort)).map(sortWords);
  const parts = [
    sortsOfRule.length === 0 && rule.kinds.length === 0 ? m.rule_every_event() : sortsOfRule.join(', '),
    rule.kinds.map(kind).join(', '),
    rule.campaigns.length === 1 ? m.event_campaign_named({ campaign: short(rule.campaigns[0] ?? '') }) : '',
    rule.campaigns.length > 1 ? m.rule_campaigns({ campaigns: rule.campaigns.map(short).join(', ') }) : '',
    rule.channels.map(short).join(', '),
    rule.account === null
      ? ''
      : m.rule_of_account({
          account: short(accountWords(accounts, rule.account)),
        }),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** What a page that a rule names is called. */
export const pageName = (page: string, { pages }: Around): string | null =>
  pages.find((one) => pageIdentity(one) === page)?.name ?? null;

/** What is done, in words; `page`: of the rule. */
export function thenWords(done: readonly EventAct[], page: string | null, around: Around): string {
  if (done.length === 0) return m.rule_ignored();
  const words: Record<EventAct, () => string> = {
    notify: m.rule_notify,
    ring: m.rule_ring,
    open_page: () =>
      page === null
        ? m.rule_open_all()
        : m.rule_open_one({ page: short(pageName(page, around) ?? m.rule_page_gone()) }),
    bring_to_front: m.rule_front,
  };
  return acts
    .filter((act) => done.includes(act))
    .map((act) => words[act]())
    .join(', ');
}

/** A rule as one sentence. */
export const ruleWords = (rule: EventRule, around: Around): string =>
  m.rule_sentence({ when: whenWords(rule, around), then: thenWords(rule.acts, rule.page, around) });
