import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import * as f from '../src/lib/host/fixtures';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
/** The sheet is a chunk of its own. */
const opened = async (id: string): Promise<HTMLElement> => screen.findByTestId(id);
const calls = ['agent_dial', 'task_create', 'contact_add_party'] as const;

it('what is no place leads nowhere, and what is no number is not filled in', async () => {
  const { host } = await show({
    window: 'panel',
    snapshot: f.snapshot({ accounts: [f.account({ agent: f.dialler() })] }),
  });
  for (const place of ['nowhere', '', 'dialling/1', '../dial/1', 'dial2/+49301']) {
    host.push({ kind: 'show', value: place });
    await settle();
    expect(screen.queryByTestId('dial-sheet'), place).toBeNull();
  }
  for (const number of ['+49<b>', '12;postd=3', '1'.repeat(10_000), '*31#', '+', '\u0661']) {
    host.push({ kind: 'show', value: `dial/${number}` });
    await settle();
    expect((await opened('dial-number')).getAttribute('value') ?? '', number).toBe('');
    expect(byId('dial-number')).toHaveValue('');
  }
  for (const call of calls) expect(host.asked(call), call).toEqual([]);
});

it('a number is filled in, and only the agent calls it', async () => {
  const { host } = await show('asked-number');
  expect(await opened('dial-number')).toHaveValue('+49 30 12345678');
  for (const call of calls) expect(host.asked(call), call).toEqual([]);
  await userEvent.setup().click(byId('dial-call'));
  await settle();
  expect(host.asked('agent_dial')).toMatchObject([{ number: '+493012345678' }]);
});

it('quick connects and a new task open on request', async () => {
  const { host } = await show('asked-connects');
  expect(await opened('endpoint-search')).toBeVisible();
  const able = f.account({ agent: f.dialler(), capabilities: ['create_task'] });
  host.push({ kind: 'snapshot', value: f.snapshot({ accounts: [able] }) });
  host.push({ kind: 'show', value: 'task' });
  expect(await opened('task-sheet')).toBeVisible();
  expect(host.asked('task_create')).toEqual([]);
});

it('asked for before an account can call, it opens once one can, with the number', async () => {
  const { host } = await show('asked-too-early');
  expect(screen.queryByTestId('dial-sheet'), 'there is nobody to call through').toBeNull();
  expect(byId('said')).toHaveTextContent('No account can call at the moment');
  host.push({ kind: 'snapshot', value: f.snapshot({ accounts: [f.account({ agent: f.dialler() })] }) });
  expect(await opened('dial-number')).toHaveValue('+49 30 12345678');
  expect(host.asked('agent_dial')).toEqual([]);
});

it('a contact is brought into view from wherever the agent is', async () => {
  const live = f.live();
  const { host } = await show({
    window: 'panel',
    snapshot: f.snapshot({ contacts: [live] }),
    show: 'settings/audio',
  });
  expect(screen.queryByTestId('call')).toBeNull();
  host.push({ kind: 'show', value: `contact/${live.key.account}/${live.key.contact}` });
  await settle();
  expect(byId('call')).toHaveAttribute('data-contact', live.key.contact);
});
