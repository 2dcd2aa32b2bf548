import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import * as e from '../src/lib/host/event-fixtures';
import * as f from '../src/lib/host/fixtures';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
const alt = async (code: string): Promise<void> => {
  await fireEvent(window, new KeyboardEvent('keydown', { altKey: true, code, bubbles: true }));
  await settle();
};

describe('the state of an agent whom the platform alone sets', () => {
  it('is shown, is no control, and says where it is changed', async () => {
    await show('told-state-next');
    none('state-menu');
    expect(byId('state-told')).toHaveTextContent('On a contact');
    expect(byId('state-next')).toHaveTextContent('Pause after this contact');
    expect(byId('state-told-note')).toHaveTextContent('As Olos AgentHub tells it. Change it there.');
    expect(within(byId('account-state')).queryByRole('button')).toBeNull();
  });

  it('that is not known yet, or named by a program, is in words', async () => {
    await show('told-state-none');
    expect(byId('state-name')).toHaveTextContent('No state yet');
    document.body.innerHTML = '';
    const state = f.state('RequestedByAgent', { kind: 'offline' });
    const accounts = [e.teller({ agent: f.agent({ state, selectable_states: [] }) })];
    await show({ window: 'panel', snapshot: f.snapshot({ accounts }) });
    expect(byId('state-name')).toHaveTextContent('Requested by agent');
  });

  it('after a failure offers no way back that there is not', async () => {
    const state = { ...f.systemState('Failed', 'failed', 5), kind: 'error' as const };
    const accounts = [e.teller({ agent: f.agent({ state }) })];
    await show({ window: 'panel', snapshot: f.snapshot({ accounts }) });
    none('back-to-available');
  });

  it('stands beside one that can be changed', async () => {
    await show('told-state');
    expect(screen.getAllByTestId('account-state')).toHaveLength(2);
    expect(byId('state-menu')).toHaveTextContent('Available');
    expect(byId('state-told')).toHaveTextContent('Contoso Outbound');
  });
});

describe('a call that another program works on', () => {
  it('allows nothing and says where it is handled', async () => {
    const { host } = await show('told-call');
    const card = byId('contact-told');
    expect(card).toHaveTextContent('On call');
    expect(card).toHaveTextContent('Ana Ferreira');
    expect(byId('told-note')).toHaveTextContent('As Olos AgentHub tells it. Handle it there.');
    for (const id of ['call', 'mute', 'hold', 'keypad', 'end', 'proof', 'finish']) none(id);
    await fireEvent.click(byId('attributes-more'));
    await settle();
    expect(card, 'in words').toHaveTextContent('Campaign data › Nome');
    const before = host.calls.length;
    for (const key of ['KeyA', 'KeyD', 'KeyM', 'KeyH', 'KeyE', 'KeyT']) await alt(key);
    expect(host.calls.slice(before), 'no key reaches it').toEqual([]);
  });

  it('says how it ended, and cannot be finished here', async () => {
    await show('told-call-ended');
    expect(byId('outcome')).toHaveTextContent('The contact ended.');
    none('finish');
  });

  it('takes neither the place nor the keys of a call that is handled here', async () => {
    const { host } = await show('told-call-beside-live');
    expect(byId('call')).toHaveAttribute('data-contact', 'contact-1');
    expect(
      byId('call').compareDocumentPosition(byId('contact-told')) & Node.DOCUMENT_POSITION_FOLLOWING,
      'and stands after it',
    ).toBeTruthy();
    await alt('KeyE');
    expect(host.asked('contact_end')).toEqual([{ contact: f.live().key, connection: null }]);
  });

  it('that is only offered rings nowhere here', async () => {
    const contacts = [f.offered({ key: { account: 'olos-1', contact: 'x' } }, { id: 'x', allowed: [] })];
    await show({ window: 'panel', snapshot: f.snapshot({ accounts: [e.teller()], contacts }) });
    none('offer');
    expect(byId('contact-told')).toHaveTextContent('Incoming call');
    expect(byId('offer-announcer').textContent).toBe('');
  });

  it('keeps nobody from signing out, unlike one that is handled here', async () => {
    const snapshot = f.snapshot({
      accounts: [f.account(), e.teller()],
      contacts: [f.live(), f.live({ key: { account: 'olos-1', contact: 'x' } }, { id: 'x' })],
    });
    await show({ window: 'panel', snapshot, show: 'settings/accounts' });
    const [here, there] = screen.getAllByTestId('account') as [HTMLElement, HTMLElement];
    expect(within(here).getByTestId('account-sign-out')).toBeDisabled();
    expect(within(there).getByTestId('account-sign-out')).toBeEnabled();
    expect(there).not.toHaveTextContent('Finish it before');
  });

  it('leaves the words for nothing to do true', async () => {
    await show({
      window: 'panel',
      snapshot: f.snapshot({ accounts: [e.teller({ agent: f.agent({ selectable_states: [] }) })] }),
    });
    expect(byId('no-contacts')).not.toHaveTextContent('rings here');
    expect(byId('no-contacts')).toHaveTextContent('while the platform works on them');
  });
});
