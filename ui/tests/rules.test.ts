import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { listOf } from '../src/features/settings/page';
import { ruleWords, type Around } from '../src/features/settings/rule';
import * as e from '../src/lib/host/event-fixtures';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
const rules = (): HTMLElement[] => screen.getAllByTestId('rule');
async function press(element: HTMLElement | string): Promise<void> {
  await userEvent.setup().click(typeof element === 'string' ? byId(element) : element);
  await settle();
}
const at = (place: number, id: string): HTMLElement => within(rules()[place] as HTMLElement).getByTestId(id);
async function type(id: string, value: string): Promise<void> {
  await fireEvent.input(byId(id), { target: { value } });
  await settle();
}

describe('a rule in words', () => {
  const pages = f.pops(f.somePops).templates;
  const around: Around = { accounts: [f.account(), e.teller()], pages };
  const words = (change: Parameters<typeof e.rule>[0]): string => ruleWords(e.rule(change), around);

  it('says what does nothing and what names something that is gone', () => {
    expect(words({})).toBe('Every event → ignored: listed as read');
    expect(words({ account: 'gone', acts: ['open_page'], page: 'gone' })).toBe(
      'Every event · of A removed account → a page that was removed opens',
    );
    expect(words({ campaigns: ['x'.repeat(100_000)] }).length).toBeLessThan(150);
    expect(words({ kinds: ['', '*', '  *', '<b>', 'constructor'] })).toContain('any type');
  });

  it('names conditions and acts in their order, whatever order they came in', () => {
    expect(
      words({
        sorts: ['status', 'screen_pop'],
        campaigns: ['22'],
        channels: ['Voice'],
        acts: ['open_page', 'ring', 'notify'],
      }),
    ).toBe('Screen pops, Status · Campaign 22 · Voice → notification, sound, pages open');
    expect(
      words({
        kinds: ['NewMsgFromSupervisor', 'ScreenPop*', 'OddOne'],
        campaigns: ['7', '22'],
        account: 'olos-1',
        acts: ['bring_to_front', 'open_page'],
        page: 'crm',
      }),
    ).toBe(
      'Message from your supervisor, types that begin with ScreenPop, type OddOne · Campaigns 7, 22 · ' +
        'of Contoso Outbound → Customer record opens, panel comes to the front',
    );
  });

  it('is read from words between commas', () => {
    expect(listOf(' a b ,, ;c\n,')).toEqual(['a b', 'c']);
    expect(listOf('')).toEqual([]);
  });
});

describe('event rules in the settings', () => {
  it('are there only where a platform tells events', async () => {
    await show({ window: 'panel', snapshot: f.snapshot(), show: 'settings/rules' });
    none('settings-rules');
    expect(byId('account'), 'asked for all the same').toBeVisible();
  });

  it('keep what is being filled in when something else takes the page away', async () => {
    const { host } = await show('settings-rules');
    const count = rules().length;
    await press('rule-add');
    await type('rule-name', 'Half a rule');
    await type('rule-campaigns', '22, ');
    await type('try-pasted', '{"eventType":');
    host.push({ kind: 'show', value: 'event/olos-1/none' });
    await settle();
    none('rule-name');
    host.push({ kind: 'show', value: 'settings/rules' });
    await settle();
    expect(byId('rule-name')).toHaveValue('Half a rule');
    expect(byId('rule-campaigns')).toHaveValue('22');
    expect(byId('try-pasted')).toHaveValue('{"eventType":');
    await press('rule-cancel');
    expect(rules(), 'given up, nothing is kept').toHaveLength(count);
    host.push({ kind: 'show', value: 'history' });
    host.push({ kind: 'show', value: 'settings/rules' });
    await settle();
    none('rule-name');
  });

  it('that cannot be read say so, and are read again', async () => {
    const { host } = await show('settings-rules-failed');
    expect(byId('rules-failed')).toHaveTextContent('The rules could not be read.');
    none('rule-add');
    host.answers.event_rules = () => e.rules();
    await press('rules-retry');
    expect(rules()).toHaveLength(3);
  });

  it('are shown without the names of pages when those cannot be read', async () => {
    const { host } = await show('settings-rules');
    expect(rules()[0]).toHaveTextContent('Customer record opens');
    document.body.innerHTML = '';
    host.answers.screen_pops = undefined as never;
    await show({
      window: 'panel',
      snapshot: f.snapshot({ accounts: [e.teller()] }),
      show: 'settings/rules',
      rules: e.rules(),
      refused: { screen_pops: 'error_unavailable' },
    });
    expect(rules()[0]).toHaveTextContent('a page that was removed opens');
  });

  it('say in order what each does, by its name or in words', async () => {
    await show('settings-rules');
    expect(rules()[0]).toHaveTextContent('Calls of the spring campaign');
    expect(rules()[0]).toHaveTextContent('Screen pops · Campaign 22 · Voice');
    expect(rules()[1]).toHaveTextContent('Partner systems, Messages · of Contoso Outbound');
    expect(rules()[2]).toHaveTextContent('ignored: listed as read');
    document.body.innerHTML = '';
    await show('settings-rules-empty');
    expect(byId('rules-empty')).toHaveTextContent('No rules yet.');
  });

  it('of an administrator are shown, cannot be changed, and can be tried', async () => {
    await show('settings-rules-fixed');
    expect(rules()).toHaveLength(3);
    for (const id of ['rule-add', 'rule-edit', 'rule-remove', 'rule-up', 'rule-down']) none(id);
    expect(byId('rules-fixed')).toHaveTextContent('Set by your administrator.');
    expect(byId('try-run')).toBeEnabled();
  });

  it('change places, and the focus goes with the rule', async () => {
    const { host } = await show('settings-rules');
    await press(at(0, 'rule-up'));
    expect(host.asked('event_rules_save'), 'the first is first').toEqual([]);
    await press(at(2, 'rule-up'));
    expect(host.asked('event_rules_save')[0]?.rules.map((rule) => rule.name)).toEqual([
      'Calls of the spring campaign',
      'Not interesting',
      '',
    ]);
    expect(at(1, 'rule-up')).toHaveFocus();
    await press(at(1, 'rule-down'));
    expect(rules()[2]).toHaveTextContent('Not interesting');
    expect(at(2, 'rule-down')).toHaveFocus();
    expect(at(2, 'rule-down')).toHaveAttribute('aria-disabled', 'true');
  });

  it('whose change was not kept say so and stay as they were', async () => {
    const { host } = await show('settings-rules');
    host.answers.event_rules_save = () => {
      throw rpcError('not_possible', 'error_enforced');
    };
    await press(at(0, 'rule-down'));
    expect(byId('rules-problem')).toHaveTextContent('Your administrator has fixed this setting.');
    expect(rules()[0]).toHaveTextContent('Calls of the spring campaign');
  });

  it('are removed once the agent says so again', async () => {
    const { host } = await show('settings-rules');
    await press(at(1, 'rule-remove'));
    expect(byId('confirm-rule-remove')).toHaveTextContent('Partner systems, Messages');
    await press('confirm-rule-remove-cancel');
    expect(host.asked('event_rules_save')).toEqual([]);
    await press(at(1, 'rule-remove'));
    await press('confirm-rule-remove-confirm');
    expect(host.asked('event_rules_save')[0]?.rules).toHaveLength(2);
    expect(rules()).toHaveLength(2);
  });
});

describe('the form of a rule', () => {
  it('keeps a whole rule, of words as they were typed', async () => {
    const { host } = await show('settings-rule-add');
    expect(byId('rule-sentence')).toHaveTextContent('Every event → notification');
    await type('rule-name', 'Odd ones');
    await press('rule-sort-other');
    await press('rule-sort-screen_pop');
    await type('rule-kinds', ' ScreenPop* ,, Typing ');
    await type('rule-campaigns', 'Spring offers; 22');
    await type('rule-channels', 'Voice');
    await userEvent.setup().selectOptions(byId('rule-account'), 'Contoso Outbound');
    none('rule-page');
    await press('rule-act-notify');
    await press('rule-act-open_page');
    await userEvent.setup().selectOptions(byId('rule-page'), 'Product notes');
    expect(byId('rule-sentence')).toHaveTextContent('→ Product notes opens');
    await press('rule-save');
    const [saved] = host.asked('event_rules_save');
    expect(saved?.rules, 'beside those that are there').toHaveLength(4);
    expect(saved?.rules[3]).toEqual({
      name: 'Odd ones',
      account: 'olos-1',
      kinds: ['ScreenPop*', 'Typing'],
      sorts: ['screen_pop', 'other'],
      campaigns: ['Spring offers', '22'],
      channels: ['Voice'],
      acts: ['open_page'],
      page: 'wiki',
    });
    none('rule-editor');
    expect(rules()).toHaveLength(4);
  });

  it('without an act says what that means, and forgets the page', async () => {
    const { host } = await show('settings-rule-edit');
    for (const act of ['notify', 'ring', 'open_page']) await press(`rule-act-${act}`);
    expect(byId('rule-sentence')).toHaveTextContent('ignored: listed as read');
    none('rule-page');
    await press('rule-save');
    expect(host.asked('event_rules_save')[0]?.rules[0]).toMatchObject({ acts: [], page: null });
  });

  it('names campaigns and channels that were seen, and accounts that tell events', async () => {
    await show('settings-rule-add');
    expect(byId('rule-editor')).toHaveTextContent('Seen so far: 22');
    expect(byId('rule-editor')).toHaveTextContent('Seen so far: Voice');
    const options = within(byId('rule-account')).getAllByRole('option');
    expect(options.map((one) => one.textContent)).toEqual(['All accounts', 'Contoso Outbound']);
  });

  it('that is refused stays, with the reason where it belongs', async () => {
    const { host } = await show('settings-rule-refused');
    expect(byId('rule-page')).toHaveAttribute('aria-invalid', 'true');
    expect(byId('rule-editor')).toHaveTextContent('This page was removed. Choose another.');
    host.answers.event_rules_save = () => {
      throw { ...rpcError('invalid', 'error_invalid'), field: 'rules' };
    };
    await press('rule-save');
    expect(byId('rule-page')).not.toHaveAttribute('aria-invalid');
    expect(byId('rule-problem')).toHaveTextContent('Something entered here is not right.');
    expect(byId('rule-name'), 'nothing is lost').toHaveValue('Calls of the spring campaign');
  });

  it('is left without a change', async () => {
    const { host } = await show('settings-rule-edit');
    await type('rule-name', 'Something else');
    await press('rule-cancel');
    expect(host.asked('event_rules_save')).toEqual([]);
    expect(rules()[0]).toHaveTextContent('Calls of the spring campaign');
  });
});

describe('trying rules out', () => {
  it('asks for something to try, and names what is wrong with it', async () => {
    const { host } = await show('settings-rules');
    await press('try-run');
    expect(byId('try-fault')).toHaveTextContent('Paste an event first.');
    expect(byId('try-pasted')).toHaveFocus();
    expect(host.asked('event_rules_try')).toEqual([]);
    await type('try-pasted', '{');
    expect(byId('try-fault').textContent).toBe('');
    for (const [key, words] of [
      ['error_event_no_json', 'This is not JSON.'],
      ['error_event_none', 'There is no event in this.'],
      ['error_event_too_long', 'longer than an event can be'],
    ]) {
      host.answers.event_rules_try = () => {
        throw { ...rpcError('invalid', key ?? ''), field: 'pasted' };
      };
      await press('try-run');
      expect(byId('try-fault')).toHaveTextContent(words ?? '');
      expect(byId('try-pasted')).toHaveAttribute('aria-invalid', 'true');
    }
    host.answers.event_rules_try = () => {
      throw { ...rpcError('invalid', 'error_event_no_platform'), field: 'account' };
    };
    await press('try-run');
    expect(byId('try-account')).toHaveAttribute('aria-invalid', 'true');
    host.answers.event_rules_try = () => {
      throw rpcError('not_possible', 'error_account_gone');
    };
    await press('try-run');
    expect(byId('try-problem')).toHaveTextContent('This account no longer exists.');
    none('tried');
  });

  it('says how it was understood, which rule fits, what would be done, and that nothing was', async () => {
    const { host } = await show('settings-rules-tried');
    expect(host.asked('event_rules_try')[0]).toMatchObject({ account: 'olos-1', rules: e.rules().rules });
    expect(byId('try-nothing-done')).toHaveTextContent('Nothing was done.');
    const tried = byId('tried');
    for (const words of ['Screen pop for a call', 'Screen pops', 'Ana Ferreira', 'ScreenPopVoice', 'Nome'])
      expect(tried, words).toHaveTextContent(words);
    expect(byId('tried-rule')).toHaveTextContent('Rule 1');
    expect(byId('tried-rule')).toHaveTextContent('Screen pops · Campaign 22 · Voice → notification');
    expect(byId('tried-done')).toHaveTextContent('notification, sound, Customer record opens');
    expect(byId('tried-page')).toHaveTextContent('https://crm.example/search?phone=%2B5511900000000');
    for (const command of ['events_seen', 'event_pop_open', 'event_rules_save', 'link_open'] as const)
      expect(host.asked(command), command).toEqual([]);
  });

  it('says of each of several events what would be done, or why not', async () => {
    await show('settings-rules-tried-several');
    expect(byId('try-nothing-done')).toHaveTextContent('each of the 3 events');
    const [pages, unread] = screen.getAllByTestId('tried') as [HTMLElement, HTMLElement];
    expect(within(pages).getByTestId('tried-page')).toHaveTextContent(
      'Customer record was not opened: there is no value for customer.address.',
    );
    expect(within(unread).getByTestId('tried-rule')).toHaveTextContent('No rule fits.');
    expect(within(unread).getByTestId('tried-done')).toHaveTextContent('listed as unread');
    expect(screen.getAllByTestId('tried-done')[2]).toHaveTextContent('listed as read');
    expect(screen.getAllByTestId('tried')[2]).toHaveTextContent('Unknown customer');
  });

  it('takes the rule that is being edited, as it stands', async () => {
    const { host } = await show('settings-rule-edit');
    host.answers.event_rules_try = () => [e.tried()];
    await type('rule-campaigns', '99');
    await type('try-pasted', '{}');
    await press('try-run');
    expect(host.asked('event_rules_try')[0]?.rules[0]?.campaigns).toEqual(['99']);
    await type('rule-campaigns', '100');
    expect(byId('tried-rule'), 'what was tried stays as it was').toHaveTextContent('Campaign 99');
    await press('rule-cancel');
    expect(byId('try-pasted'), 'what was pasted stays').toHaveValue('{}');
  });

  it('takes an event of any length', async () => {
    const { host } = await show('settings-rules');
    const pasted = `{"eventType":"x","eventData":{"note":"${'n'.repeat(100_000)}"}}`;
    host.answers.event_rules_try = () => [e.tried({ rule: null, acts: [], pages: [] })];
    await type('try-pasted', pasted);
    await press('try-run');
    expect(host.asked('event_rules_try')[0]?.pasted).toBe(pasted);
    expect(byId('tried')).toBeVisible();
  });
});
