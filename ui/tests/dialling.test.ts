import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { typedTones } from '../src/features/settings/typed-tones.svelte';
import {
  customerLeg,
  dialler,
  endpoints,
  entry,
  finished,
  leg,
  live,
  account,
  snapshot,
  together,
} from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import type { ContactView, EndpointPage } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const gone = (id: string): Promise<void> => waitFor(() => expect(screen.queryByTestId(id)).toBeNull());
const key = { account: 'account-1', contact: 'contact-1' };
let revision = 41;
/** The core's news of one contact. */
async function news(host: MemoryHost, value: ContactView): Promise<void> {
  host.push({
    kind: 'patch',
    value: { from: revision, to: ++revision, changes: [{ kind: 'contact', value }] },
  });
  await settle();
}
beforeEach(() => {
  revision = 41;
  localStorage.clear();
  typedTones.on = true;
});

describe('a new call', () => {
  it('is offered only where the agent can make one', async () => {
    await show('available');
    expect(screen.queryByTestId('new-call')).toBeNull();
    await userEvent.setup().keyboard('{Alt>}n{/Alt}');
    expect(screen.queryByTestId('dial-sheet')).toBeNull();
  });

  it('is made by keyboard alone: shortcut, number, Enter', async () => {
    const { host } = await show('new-call-ready');
    const user = userEvent.setup();
    await user.keyboard('{Alt>}n{/Alt}');
    await waitFor(() => expect(byId('dial-number')).toHaveFocus());
    await user.keyboard('+49 30 12345678');
    expect(byId('dial-number')).toHaveValue('+49 30 12345678');
    expect(byId('dial-verdict')).toHaveTextContent('Number in Germany');
    await user.keyboard('{Enter}');
    await gone('dial-sheet');
    expect(host.asked('agent_dial')).toEqual([
      { account: 'account-1', number: '+493012345678', queue: 'queue-1', related: null },
    ]);
  });

  it('cannot be made before the number can be one, and the words say why', async () => {
    const { host } = await show('dial-empty');
    expect(byId('dial-call')).toBeDisabled();
    await act('dial-number', '+49 30 1234 5678 9012 345');
    expect(byId('dial-verdict')).toHaveTextContent('Too long for Germany');
    expect(byId('dial-number')).toHaveAttribute('aria-invalid', 'true');
    await userEvent.setup().type(byId('dial-number'), '{Enter}');
    expect(host.asked('agent_dial')).toEqual([]);
  });

  it('takes digits from the pad and takes them back', async () => {
    await show('dial-empty');
    for (const id of ['dial-digit-2', 'dial-digit-0', 'dial-digit-2', 'dial-digit-5', 'dial-back'])
      await fireEvent.click(byId(id));
    expect(byId('dial-number')).toHaveValue('(202)');
    await fireEvent.click(byId('dial-digit-plus'));
    expect(byId('dial-number')).toHaveValue('+20 2');
  });

  it('steps over the blanks of formatting when a digit is deleted', async () => {
    await show('dial-empty');
    const user = userEvent.setup();
    const field = byId('dial-number') as HTMLInputElement;
    await user.type(field, '+4930');
    field.setSelectionRange(4, 4);
    await user.keyboard('{Backspace}');
    expect(field.value, 'the 9 before the blank is gone').toBe('+43 0');
    expect(field.selectionStart).toBe(2);
  });

  it('goes through the queue that is chosen, and the country is remembered', async () => {
    const { host } = await show('dial-empty');
    await fireEvent.change(byId('dial-country'), { target: { value: 'DE' } });
    expect(localStorage.getItem('trunkline.country')).toBe('DE');
    await act('dial-number', '030 12345678');
    await fireEvent.change(byId('dial-queue'), { target: { value: 'queue-2' } });
    await fireEvent.click(byId('dial-call'));
    await settle();
    expect(host.asked('agent_dial')).toEqual([
      { account: 'account-1', number: '+493012345678', queue: 'queue-2', related: null },
    ]);
  });

  it('that is refused says why, keeps the number, and can be tried again', async () => {
    const { host } = await show('dial-refused');
    expect(byId('dial-problem')).toHaveAttribute('role', 'alert');
    expect(byId('dial-problem')).toHaveTextContent('This number or entry cannot be called from here.');
    expect(byId('dial-number')).toHaveValue('+49 30 12345678');
    delete host.answers.agent_dial;
    await fireEvent.click(byId('dial-call'));
    await gone('dial-sheet');
  });

  it('keeps a number that is typed when the sheet is closed', async () => {
    await show('dial-typing');
    await fireEvent.click(byId('dial-sheet-close'));
    await gone('dial-sheet');
    await fireEvent.click(byId('new-call'));
    await waitFor(() => expect(byId('dial-number')).toHaveValue('+49 30 12'));
  });

  it('that gets no answer does not tell the agent to try again at once', async () => {
    const { host } = await show('dial-valid');
    host.answers.agent_dial = () => {
      throw rpcError('unavailable', 'error_timeout', true);
    };
    await fireEvent.click(byId('dial-call'));
    await settle();
    expect(byId('dial-problem')).toHaveTextContent('Look whether the call shows before you try again.');
    expect(byId('dial-problem')).not.toHaveTextContent('The call was not made');
  });

  it('gives the focus back when the sheet is closed', async () => {
    await show('new-call-ready');
    const user = userEvent.setup();
    await user.click(byId('new-call'));
    await waitFor(() => expect(byId('dial-number')).toHaveFocus());
    await user.keyboard('{Escape}');
    await gone('dial-sheet');
    await waitFor(() => expect(byId('new-call')).toHaveFocus());
  });

  it('makes room for a call that begins meanwhile, and keeps what was typed', async () => {
    const { host } = await show('dial-while-ringing');
    await news(host, live());
    await gone('dial-sheet');
    await fireEvent.click(byId('new-call'));
    await waitFor(() => expect(byId('dial-number')).toHaveValue('+49 30 12'));
  });

  it('asks for the account first where there are several', async () => {
    const two = ['account-1', 'account-2'].map((id, order) =>
      account({ id, order, name: id, agent: dialler() }),
    );
    const { host } = await show({ window: 'panel', snapshot: snapshot({ accounts: two }) });
    const user = userEvent.setup();
    await user.keyboard('{Alt>}n{/Alt}');
    const choices = await screen.findAllByTestId('dial-account');
    expect(choices.map((one) => one.dataset['account'])).toEqual(['account-1', 'account-2']);
    await user.click(choices[1] as HTMLElement);
    await waitFor(() => expect(byId('dial-number')).toHaveFocus());
    await user.keyboard('+493012345678{Enter}');
    await gone('dial-sheet');
    expect(host.asked('agent_dial')[0]?.account).toBe('account-2');
  });

  it('takes a recent number', async () => {
    const { host } = await show({
      window: 'panel',
      snapshot: snapshot({ accounts: [account({ agent: dialler() })] }),
      history: [entry('1', 1), entry('2', 2)],
      click: ['new-call', 'dial-tab-recent'],
    });
    const user = userEvent.setup();
    expect(screen.getAllByTestId('recent-number'), 'each number once').toHaveLength(1);
    await user.click(byId('recent-number'));
    expect(byId('dial-number')).toHaveValue('+44 20 7946 0123');
    await waitFor(() => expect(byId('dial-call')).toHaveFocus());
    await user.keyboard('{Enter}');
    await gone('dial-sheet');
    expect(host.asked('agent_dial')).toHaveLength(1);
  });

  it('that is on its way shows in the account bar, and one that failed tells how', async () => {
    await show('dial-pending');
    expect(byId('dial-pending')).toHaveTextContent('Calling +49 30 12345678');
    document.body.replaceChildren();
    await show('outbound-failed');
    const words = screen.getAllByTestId('outcome').map((one) => one.textContent);
    expect(words).toEqual([
      'The line was busy.',
      'Nobody answered.',
      'The number cannot be reached.',
      'The call could not be connected.',
    ]);
    expect(byId('state-name'), 'a busy line is no wrong number').toHaveTextContent('The line was busy');
    const failed = document.querySelector('[data-contact=failed]') as HTMLElement;
    expect(failed).toHaveTextContent('Not connected');
    await fireEvent.click(screen.getAllByTestId('call-again')[0] as HTMLElement);
    await waitFor(() => expect(byId('dial-number')).toHaveValue('+49 30 12345678'));
  });

  it('that failed is told from a contact that failed, in the history and once it was connected', async () => {
    const { host } = await show('history');
    const told = screen
      .getAllByTestId('history-entry')
      .filter((one) => one.dataset['outcome'] === 'failed')
      .map(
        (one) =>
          /It failed before or during the contact|The call could not be connected/.exec(one.textContent)?.[0],
      );
    expect(told).toEqual(['It failed before or during the contact', 'The call could not be connected']);
    await fireEvent.click(byId('tab-contacts'));
    const inner = { direction: 'outbound', state: 'failed', outcome: 'failed' } as const;
    await news(host, finished({ connected_at: Date.now() - 60_000 }, inner));
    expect(byId('outcome')).toHaveTextContent('It failed before or during the contact.');
    await news(host, finished({}, { ...inner, direction: 'inbound' }));
    expect(byId('outcome')).toHaveTextContent('It failed before or during the contact.');
  });

  it('rings with its number and can be hung up', async () => {
    const { host } = await show('outbound-ringing');
    expect(byId('call-state')).toHaveTextContent('Calling');
    expect(byId('customer')).toHaveTextContent('+49 30 12345678');
    expect(byId('end')).toHaveTextContent('Hang up');
    await fireEvent.click(byId('end'));
    expect(host.asked('contact_end')).toEqual([{ contact: key, connection: null }]);
  });

  it('is not lost sight of what rings meanwhile', async () => {
    await show('dial-while-ringing');
    expect(byId('dial-offer')).toHaveTextContent('Customer One is calling');
    await fireEvent.click(byId('dial-offer-show'));
    await gone('dial-sheet');
    expect(byId('accept')).toBeVisible();
  });
});

describe('quick connects', () => {
  it('are searched once typing stops, and only the newest answer counts', async () => {
    const { host } = await show('connects');
    const answers: ((page: EndpointPage) => void)[] = [];
    host.answers.endpoint_list = () => new Promise((resolve) => answers.push(resolve));
    const user = userEvent.setup();
    await user.type(byId('endpoint-search'), 'bil');
    expect(answers, 'nothing while typing').toHaveLength(0);
    await waitFor(() => expect(answers).toHaveLength(1));
    await user.type(byId('endpoint-search'), 'l');
    await waitFor(() => expect(answers).toHaveLength(2));
    expect(host.asked('endpoint_list').map((one) => one.search)).toEqual(['', 'bil', 'bill']);
    answers[1]?.({ items: endpoints.slice(1, 2), next: null, complete: true });
    answers[0]?.({ items: endpoints, next: null, complete: true });
    await waitFor(() => expect(screen.getAllByTestId('endpoint')).toHaveLength(1));
    await settle();
    expect(screen.getAllByTestId('endpoint'), 'the late answer to the older search is dropped').toHaveLength(
      1,
    );
  });

  it('come page by page, without doubles, and a page that failed can be asked for again', async () => {
    const { host } = await show('connects-long');
    expect(screen.getAllByTestId('endpoint')).toHaveLength(100);
    const answer = host.answers.endpoint_list;
    host.answers.endpoint_list = () => {
      throw rpcError('unavailable', 'error_unavailable', true);
    };
    await fireEvent.click(byId('endpoints-more'));
    await settle();
    expect(screen.getAllByTestId('endpoint'), 'what is there stays').toHaveLength(100);
    expect(byId('endpoints-more')).toHaveTextContent('Try again');
    if (answer) host.answers.endpoint_list = answer;
    await fireEvent.click(byId('endpoints-more'));
    await settle();
    await fireEvent.click(byId('endpoints-more'));
    await settle();
    expect(screen.getAllByTestId('endpoint')).toHaveLength(240);
    expect(screen.queryByTestId('endpoints-more')).toBeNull();
  });

  it('say what each is, and call only those with a number when there is no call yet', async () => {
    const { host } = await show('connects');
    const rows = screen.getAllByTestId('endpoint');
    expect(rows.map((row) => row.dataset['kind'])).toContain('flow');
    const queue = rows.find((row) => row.dataset['kind'] === 'queue') as HTMLElement;
    expect(queue).toHaveAttribute('aria-disabled', 'true');
    await fireEvent.click(queue);
    expect(screen.queryByTestId('dial-picked')).toBeNull();
    const phone = rows.find((row) => row.dataset['kind'] === 'phone_number') as HTMLElement;
    expect(phone).toHaveTextContent('Telephone number');
    await fireEvent.click(phone);
    expect(byId('dial-picked')).toHaveTextContent('Carrier hotline');
    await fireEvent.click(byId('dial-call'));
    await settle();
    expect(host.asked('agent_dial')[0]?.number).toBe('+493012345678');
  });

  it('tell apart: none, none found, not readable, and not all', async () => {
    await show('connects-empty');
    expect(byId('endpoints-empty')).toHaveTextContent('No quick connects');
    document.body.replaceChildren();
    await show('connects-incomplete');
    expect(byId('endpoints-incomplete')).toHaveTextContent('not complete');
    document.body.replaceChildren();
    const { host } = await show('connects-failed');
    expect(byId('endpoints-failed')).toHaveAttribute('role', 'alert');
    host.answers.endpoint_list = () => ({ items: endpoints, next: null, complete: true });
    await fireEvent.click(byId('endpoints-retry'));
    await settle();
    expect(screen.getAllByTestId('endpoint')).toHaveLength(endpoints.length);
  });

  it('are walked with the arrow keys', async () => {
    await show('connects');
    byId('endpoint-search').focus();
    const user = userEvent.setup();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{ArrowDown}');
    expect(screen.getAllByTestId('endpoint')[1]).toHaveFocus();
  });
});

describe('a transfer', () => {
  const target = { kind: 'endpoint', id: 'e1' } as const;

  it('with a talk first calls the party and leaves nobody', async () => {
    const { host } = await show('transfer-picked');
    expect(byId('consult')).toHaveFocus();
    await userEvent.setup().keyboard('{Enter}');
    await gone('dial-sheet');
    expect(host.asked('contact_add_party')).toEqual([{ contact: key, target, note: '' }]);
    expect(host.asked('contact_end')).toEqual([]);
  });

  it('to a number takes the number', async () => {
    const { host } = await show('transfer-number');
    await fireEvent.click(byId('consult'));
    await settle();
    expect(host.asked('contact_add_party')).toEqual([
      { contact: key, target: { kind: 'number', number: '+493012345678' }, note: '' },
    ]);
  });

  it('at once leaves only when the party is on the call', async () => {
    const { host } = await show('transfer-waiting');
    expect(byId('transfer-waiting')).toHaveTextContent('Calling Agent Two');
    expect(host.asked('contact_add_party')).toHaveLength(1);
    expect(host.asked('contact_end'), 'not before the party shows').toEqual([]);
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'init' })]));
    expect(host.asked('contact_end'), 'nor while its leg is only made').toEqual([]);
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'connecting' })]));
    await gone('dial-sheet');
    expect(host.asked('contact_end')).toEqual([{ contact: key, connection: null }]);
  });

  it('that the platform refuses says so, and stays on the call', async () => {
    const { host } = await show('transfer-failed');
    expect(byId('dial-problem')).toHaveTextContent('The transfer did not work.');
    expect(byId('dial-problem')).toHaveTextContent('You are still on the call with Customer One.');
    expect(host.asked('contact_end')).toEqual([]);
    expect(byId('dial-picked'), 'what was chosen is kept').toHaveTextContent('Agent Two');
  });

  it('to a party that is gone at once stays on the call', async () => {
    const { host } = await show('transfer-waiting');
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'rejected' })]));
    await waitFor(() => expect(byId('dial-problem')).toHaveTextContent('Agent Two could not be reached.'));
    expect(host.asked('contact_end')).toEqual([]);
  });

  it('that is given up, by the button or by closing the sheet, never leaves', async () => {
    for (const id of ['transfer-stay', 'dial-sheet-close']) {
      document.body.replaceChildren();
      revision = 41;
      const { host } = await show('transfer-waiting');
      await fireEvent.click(byId(id));
      await settle();
      await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'connecting' })]));
      expect(host.asked('contact_end'), id).toEqual([]);
    }
  });

  it('that is closed from elsewhere never leaves either', async () => {
    const { host } = await show('transfer-waiting');
    host.push({ kind: 'show', value: 'contact/account-1/contact-1' });
    await gone('dial-sheet');
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'connecting' })]));
    expect(host.asked('contact_end')).toEqual([]);
  });

  it('that cannot leave says that both are there', async () => {
    const { host } = await show('transfer-waiting');
    host.answers.contact_end = () => {
      throw rpcError('failed', 'error_failed', true);
    };
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3', { state: 'connecting' })]));
    await waitFor(() => expect(byId('dial-problem')).toHaveTextContent('you could not leave'));
  });

  it('ends with the call: the sheet goes', async () => {
    const { host } = await show('transfer');
    await news(host, finished());
    await gone('dial-sheet');
  });
});

describe('a call of several', () => {
  it('has a row each with name, state and the acts that are allowed', async () => {
    const { host } = await show('consult');
    const [customer, third] = screen.getAllByTestId('party') as [HTMLElement, HTMLElement];
    expect(customer).toHaveTextContent('Customer One');
    expect(within(customer).getByTestId('party-state')).toHaveTextContent('On hold');
    expect(within(customer).queryByTestId('party-hold')).toBeNull();
    expect(within(third).getByTestId('party-state')).toHaveTextContent('Connected');
    await fireEvent.click(within(customer).getByRole('button', { name: 'Resume Customer One' }));
    await fireEvent.click(within(third).getByRole('button', { name: 'Put Supervisor on duty on hold' }));
    await fireEvent.click(within(third).getByRole('button', { name: 'Hang up on Supervisor on duty' }));
    expect(host.asked('contact_resume')).toEqual([{ contact: key, connection: 'leg-customer' }]);
    expect(host.asked('contact_hold')).toEqual([{ contact: key, connection: 'leg-3' }]);
    expect(host.asked('contact_end')).toEqual([{ contact: key, connection: 'leg-3' }]);
    expect(byId('proof-text')).toHaveTextContent('Supervisor on duty hears you');
  });

  it('is swapped, merged and left', async () => {
    const { host } = await show('consult');
    await fireEvent.click(byId('swap'));
    await fireEvent.click(byId('conference'));
    await fireEvent.click(byId('leave'));
    expect(host.asked('contact_swap')).toEqual([{ contact: key }]);
    expect(host.asked('contact_conference')).toEqual([{ contact: key }]);
    expect(host.asked('contact_end')).toEqual([{ contact: key, connection: null }]);
    expect(screen.queryByTestId('end'), 'leaving is not ending').toBeNull();
  });

  it('tells what becomes of the others when it is left', async () => {
    const { host } = await show('third-party-ringing');
    const hint = (): HTMLElement => document.querySelector('#leave-hint') as HTMLElement;
    expect(hint()).toHaveTextContent(
      'Customer One stays on the line while Supervisor on duty is being called.',
    );
    const rings = leg('leg-3', { state: 'connecting', allowed: ['disconnect'] });
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-4'), rings]));
    expect(hint(), 'two talk on').toHaveTextContent('The others go on talking without you.');
    await news(host, together([customerLeg({ state: 'hold' }), leg('leg-3')]));
    expect(hint(), 'whoever is on hold is taken off it').toHaveTextContent('The others go on talking');
  });

  it('names those who hear silence', async () => {
    const { host } = await show('consult-silent');
    expect(byId('proof-hint')).toHaveTextContent('Supervisor on duty hears silence.');
    const media = { ...(live().media as NonNullable<ContactView['media']>), sending: 'silence' as const };
    await news(host, together([customerLeg(), leg('leg-3')], { media }));
    expect(byId('proof-hint')).toHaveTextContent('The others hear silence.');
    await news(host, together([customerLeg()], { media }));
    expect(byId('proof-hint')).toHaveTextContent('The caller hears silence. Check the microphone.');
  });

  it('can be left only while two others are there', async () => {
    await show('third-party-busy');
    expect(screen.queryByTestId('leave')).toBeNull();
    expect(byId('end')).toHaveTextContent('End call');
    expect(screen.getAllByTestId('party-state').map((one) => one.textContent)).toEqual([
      'On hold',
      'Busy or declined',
      'Not connected',
    ]);
  });

  it('tells a party that hung up from one that never answered', async () => {
    const { host } = await show('consult');
    await news(host, together([customerLeg(), leg('leg-3', { state: 'disconnected', allowed: [] })]));
    expect(screen.getAllByTestId('party-state').at(-1)).toHaveTextContent('Hung up');
  });

  it('shows the party that is being called before the platform has it', async () => {
    await show('third-party-called');
    expect(byId('party-called')).toHaveTextContent('+49 30 12345678');
  });

  it('sends tones to the one who talks, or to whom the agent chooses', async () => {
    const { host } = await show('consult');
    const user = userEvent.setup();
    await user.keyboard('5');
    await settle();
    expect(host.asked('contact_digits')).toEqual([{ contact: key, connection: 'leg-3', digits: '5' }]);
    document.body.replaceChildren();
    const other = await show('conference-keypad');
    await fireEvent.change(byId('keypad-party'), { target: { value: 'leg-3' } });
    await fireEvent.click(byId('digit-7'));
    await settle();
    expect(other.host.asked('contact_digits')[0]?.connection).toBe('leg-3');
  });
});

describe('typed digits', () => {
  it('are tones of the call, and the keypad shows', async () => {
    const { host } = await show('live');
    const user = userEvent.setup();
    await user.keyboard('42#');
    await settle();
    expect(host.asked('contact_digits').map((one) => one.digits)).toEqual(['4', '2', '#']);
    expect(byId('keypad')).toHaveAttribute('aria-expanded', 'true');
  });

  it('are text in a field, and nothing once switched off', async () => {
    const { host } = await show('transfer-number');
    const user = userEvent.setup();
    await user.type(byId('dial-number'), '12');
    await fireEvent.click(byId('dial-sheet-close'));
    await gone('dial-sheet');
    typedTones.on = false;
    (document.activeElement as HTMLElement | null)?.blur();
    await user.keyboard('12');
    expect(host.asked('contact_digits')).toEqual([]);
  });

  it('do nothing without a call that takes tones', async () => {
    const { host } = await show({
      window: 'panel',
      snapshot: snapshot({ contacts: [live({}, { allowed: ['end'] })] }),
    });
    await userEvent.setup().keyboard('1');
    expect(host.asked('contact_digits')).toEqual([]);
  });
});

/** Types a whole text at once, as pasting does. */
async function act(id: string, text: string): Promise<void> {
  const field = byId(id) as HTMLInputElement;
  field.focus();
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  await fireEvent.input(field);
  await settle();
}
