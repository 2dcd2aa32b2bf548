import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { asText, entryFacts } from '../src/features/history/facts';
import { account, entry, snapshot, summary } from '../src/lib/host/fixtures';
import type { CallSummary, HistoryEntry } from '../src/lib/rpc/gen';
import { settle, show, watchClipboard } from './render';

const value = (facts: { name: string; value: string }[], name: string): string | undefined =>
  facts.find((fact) => fact.name === name)?.value;

describe('one finished contact', () => {
  it('opens with everything that is kept of it, and closes again', async () => {
    await show('history');
    const [first] = screen.getAllByTestId('history-open') as [HTMLElement];
    expect(first).toHaveAttribute('aria-expanded', 'false');
    expect(screen.queryByTestId('history-details'), 'closed at first').toBeNull();
    await fireEvent.click(first);
    await settle();
    const details = screen.getByTestId('history-details');
    for (const words of ['Rang for', 'Talked for', '0:42, once', 'Wrap-up', 'Jabra Evolve2 65', 'Opus']) {
      expect(details, words).toHaveTextContent(words);
    }
    expect(details.textContent, 'no ids, no JSON').not.toMatch(/h1|account-1|\{|null|undefined/);
    await fireEvent.click(first);
    await settle();
    expect(screen.queryByTestId('history-details')).toBeNull();
  });

  it('is copied as lines of text', async () => {
    const writeText = watchClipboard();
    await show('history-details');
    await fireEvent.click(screen.getByTestId('history-copy'));
    await settle();
    const text = writeText.mock.calls[0]?.[0] ?? '';
    expect(text).toMatch(/^Customer One\n/);
    expect(text).toContain('Queue: Orders');
    expect(text).toContain('How the call sounded\n');
  });

  it('of an earlier version has fewer rows and no empty ones', () => {
    const old = entry('old', 5) as Partial<HistoryEntry>;
    for (const newer of [
      'initiation',
      'subtype',
      'taken_at',
      'holds',
      'held_ms',
      'wrap_up_ms',
      'devices',
      'messages',
    ] as const)
      delete old[newer];
    const before = summary() as Partial<CallSummary>;
    for (const newer of ['codec', 'failed_address', 'connection_reused'] as const) delete before[newer];
    const { contact, sound } = entryFacts({ ...old, summary: before } as HistoryEntry);
    expect(
      [...contact, ...sound].filter((fact) => !fact.value || /undefined|NaN|null/.test(fact.value)),
    ).toEqual([]);
    expect(value(contact, 'Kind'), 'the channel where the kind is not known').toBe('Call');
    expect(value(contact, 'On hold')).toBeUndefined();
  });

  it('names the server that was not reached, where one is known', () => {
    const failed = (change: Partial<CallSummary>): string | undefined =>
      value(entryFacts(entry('x', 1, { summary: { ...summary(), ...change } })).sound, 'Failed');
    expect(failed({ failure: 'ice_gathering_timeout', failed_address: 'turn:relay.example:3478' })).toContain(
      'turn:relay.example:3478',
    );
    expect(failed({ failure: 'ice_gathering_timeout' })).toContain('relay server cannot be reached');
    expect(failed({ failure: 'path_lost', failed_address: 'x' }), 'no room for it').toContain('was lost');
    expect(failed({})).toBeUndefined();
  });

  it('counts the messages of a chat, and says how often a call was on hold', () => {
    const chat = entryFacts(
      entry('c', 1, {
        channel: 'chat',
        summary: null,
        holds: 0,
        messages: { sent: 3, received: 5, files: 1 },
      }),
    );
    expect(value(chat.contact, 'Messages')).toBe('3 sent, 5 received, 1 with files');
    expect(chat.sound, 'a chat has no sound').toEqual([]);
    const held = entryFacts(entry('v', 1, { holds: 3, held_ms: 65_000 }));
    expect(value(held.contact, 'On hold')).toBe('1:05, 3 times');
    expect(asText('Nobody', chat).split('\n')[0]).toBe('Nobody');
  });
});

describe('an account with two regions', () => {
  const serving = { region: 'eu-west-2', second: true, moving: false };
  it('says which one serves, and moves once the agent has read what that means', async () => {
    const accounts = [account({ serving })];
    const { host } = await show({
      window: 'panel',
      snapshot: snapshot({ accounts }),
      show: 'settings/accounts',
    });
    expect(screen.getByTestId('account-serving')).toHaveTextContent(
      'Served from eu-west-2, the second region',
    );
    await fireEvent.click(screen.getByTestId('account-switch'));
    await settle();
    expect(screen.getByTestId('confirm-switch')).toHaveTextContent('Chats and tasks that are open end now');
    expect(host.asked('account_switch_instance')).toEqual([]);
    await fireEvent.click(screen.getByTestId('confirm-switch-confirm'));
    expect(host.asked('account_switch_instance')).toEqual([{ account: 'account-1' }]);
  });

  it('does not offer a second move during the first', async () => {
    const accounts = [account({ serving: { ...serving, second: false, moving: true } })];
    await show({ window: 'panel', snapshot: snapshot({ accounts }), show: 'settings/accounts' });
    expect(screen.getByTestId('account-serving')).toHaveTextContent('moving to the other one');
    expect(screen.queryByTestId('account-switch')).toBeNull();
  });
});
