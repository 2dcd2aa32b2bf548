import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultsOf, fieldTime, timeOf } from '../src/features/dial/task';
import type { TaskDraft } from '../src/lib/desk/place.svelte';
import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
async function press(id: string): Promise<void> {
  await fireEvent.click(byId(id));
  await settle();
}
async function type(id: string, value: string): Promise<void> {
  await fireEvent.input(byId(id), { target: { value } });
  await settle();
}
const row = (name: string): HTMLElement => {
  const found = screen.getAllByTestId('fact').find((one) => one.querySelector('dt')?.textContent === name);
  if (!found) throw new Error(`no row ${name}`);
  return found;
};
beforeEach(() => localStorage.clear());

describe('a task card', () => {
  it('shows text with its lines, template, time and references', async () => {
    await show('task-full');
    expect(byId('description').textContent, 'line breaks stay').toContain('broken.\n\nPlease');
    expect(byId('template')).toHaveTextContent('Damaged delivery');
    expect(byId('scheduled').textContent).toMatch(/\d/);
    expect(within(byId('references')).getAllByTestId('fact')).toHaveLength(4);
  });

  it('opens a reference of the web in the browser, with its address shown', async () => {
    const { host } = await show('task-full');
    const link = within(row('Order')).getByTestId('fact-link');
    expect(link).toHaveTextContent('https://shop.example/orders/2041-77');
    await fireEvent.click(link);
    await settle();
    expect(host.asked('link_open')).toEqual([{ address: 'https://shop.example/orders/2041-77' }]);
    expect(within(row('Photo')).queryByTestId('fact-link'), 'a file is no link').toBeNull();
  });

  it('makes no link of what is not a plain web address', async () => {
    await show('task-hostile');
    expect(within(row('Bank')).queryByTestId('fact-link'), 'a name before the host').toBeNull();
    expect(screen.getAllByTestId('fact-link'), 'only the one address of the web').toHaveLength(1);
  });

  it('says in the offer and in the incoming window what it is about', async () => {
    await show('task-offered');
    expect(byId('subject')).toHaveTextContent('Check the broken delivery');
    document.body.innerHTML = '';
    await show('incoming-task');
    expect(byId('subject')).toHaveTextContent('Check the broken delivery');
    none('fact-copy');
  });

  it('of an e-mail names all addresses', async () => {
    await show('email-full');
    expect(byId('email-from')).toHaveTextContent('Ana Ferreira <ana.ferreira@shop.example>');
    expect(byId('email-to')).toHaveTextContent('support@northwind.example');
    expect(byId('email-cc')).toHaveTextContent('billing@northwind.example, Jonas Berg');
    expect(byId('email-note')).toBeVisible();
  });
});

describe('attributes', () => {
  it('are searched by name and value once there are many', async () => {
    await show('attributes-search');
    const names = screen.getAllByTestId('fact').map((one) => one.querySelector('dt')?.textContent);
    expect(names, 'those with "tra" in name or value').toEqual(['Contract', 'Tracking page', 'Transcript']);
    document.body.innerHTML = '';
    await show('attributes-none-found');
    expect(byId('attributes-none')).toHaveTextContent('nothing like it');
    document.body.innerHTML = '';
    await show('live');
    none('attributes-search');
  });

  it('are links only with http and https, and are copied by a click', async () => {
    await show('attributes-many');
    await press('attributes-more');
    const user = userEvent.setup();
    expect(within(row('Transcript')).queryByTestId('fact-link'), 'ftp is no link').toBeNull();
    expect(within(row('Tracking page')).getByTestId('fact-link')).toBeVisible();
    await user.click(within(row('Basket')).getByTestId('fact-copy'));
    expect(await navigator.clipboard.readText()).toBe('Value 1');
  });
});

describe('supervising', () => {
  it('names the agent, and joins in and goes back by what is allowed', async () => {
    const silent = await show('monitor-silent');
    expect(byId('monitoring')).toHaveTextContent('Listening to Agent Two');
    none('mute');
    none('hold');
    none('listen');
    none('proof');
    expect(byId('leave'), 'the contact goes on without the supervisor').toHaveTextContent('Leave');
    await press('barge-in');
    expect(silent.host.asked('contact_monitor')).toMatchObject([{ mode: 'barge' }]);
    document.body.innerHTML = '';
    const barge = await show('monitor-barge');
    expect(byId('monitoring')).toHaveTextContent('Taking part');
    none('barge-in');
    expect(byId('mute')).toBeVisible();
    await press('listen');
    expect(barge.host.asked('contact_monitor')).toMatchObject([{ mode: 'silent' }]);
  });

  it('silently writes nothing in a chat', async () => {
    await show('monitor-chat-silent');
    none('composer');
    expect(byId('monitoring')).toHaveTextContent('Listening to Agent Two');
    document.body.innerHTML = '';
    await show('monitor-chat-barge');
    expect(byId('composer')).toBeVisible();
  });

  it('is told to the agent who is supervised', async () => {
    await show('supervised');
    expect(byId('supervised')).toHaveTextContent('A supervisor takes part');
  });
});

describe('a new task', () => {
  const now = new Date('2026-04-02T10:30').getTime();
  const draft: TaskDraft = {
    account: 'a',
    previous: null,
    name: 'Title',
    description: '',
    endpoint: { id: 'e', name: 'Agent', kind: 'agent', number: null },
    links: [],
    when: null,
    template: null,
    fields: {},
  };

  it('is checked field by field', () => {
    expect(faultsOf(draft, now), 'nothing is wrong with it').toEqual({});
    const fields = (change: Partial<TaskDraft>): string[] =>
      Object.keys(faultsOf({ ...draft, ...change }, now));
    expect(fields({ name: ' ', endpoint: null })).toEqual(['name', 'endpoint']);
    expect(fields({ name: '🙂'.repeat(512) }), 'a picture is one character').toEqual([]);
    expect(fields({ name: 'x'.repeat(513), description: 'x'.repeat(4097) })).toEqual(['name', 'description']);
    expect(fields({ when: fieldTime(now - 60_000) }), 'gone by').toEqual(['when']);
    expect(fields({ when: '' }), 'no time chosen').toEqual(['when']);
    const link = (name: string, address: string): TaskDraft['links'][0] => ({ name, address });
    expect(fields({ links: [link('', ''), link('a', 'file:///x')] }), 'an empty row is no link').toEqual([
      'links 1',
    ]);
    expect(fields({ links: [link('a', 'https://x.example'), link(' a', 'https://y.example')] })).toEqual([
      'links 1',
    ]);
    expect(timeOf(fieldTime(now)), 'to the field and back').toBe(now);
  });

  it('is offered only where the platform has it', async () => {
    await show('new-call-ready');
    none('new-task');
    document.body.innerHTML = '';
    await show('new-task-ready');
    expect(byId('new-task')).toBeVisible();
  });

  it('is sent as filled in, closes and says so', async () => {
    const { host } = await show('task-new-filled');
    await press('task-create');
    await waitFor(() => none('task-sheet'));
    const [sent] = host.asked('task_create');
    expect(sent).toMatchObject({
      account: 'account-1',
      name: 'Call Ana back about order 2041-77',
      description: 'She is at home after four.',
      endpoint: 'e1',
      links: [{ name: 'Order', address: 'https://shop.example/orders/2041-77' }],
      previous: null,
    });
    expect(sent?.scheduled_for, 'a time to come').toBeGreaterThan(Date.now());
    expect(sent?.token).toMatch(/^[0-9a-f-]{36}$/);
    expect(byId('said')).toHaveTextContent('Call Ana back');
    await press('new-task');
    await waitFor(() => expect(byId('task-name'), 'the next one begins empty').toHaveValue(''));
  });

  it('keeps its token over tries, and another task has another', async () => {
    const { host } = await show('task-new-uncertain');
    expect(byId('task-problem')).toHaveTextContent('not certain');
    await press('task-create');
    delete host.answers.task_create;
    await press('task-create');
    await waitFor(() => none('task-sheet'));
    const tokens = host.asked('task_create').map((one) => one.token);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size, 'three tries, one task').toBe(1);
  });

  it('shows what is wrong at its field and sends nothing', async () => {
    const { host } = await show('task-new-faults');
    expect(byId('task-name')).toHaveAttribute('aria-invalid', 'true');
    expect(byId('task-for')).toHaveAttribute('data-invalid');
    expect(byId('task-link-address')).toHaveAttribute('aria-invalid', 'true');
    expect(host.asked('task_create')).toEqual([]);
    await type('task-name', 'Title');
    expect(byId('task-name'), 'what is mended is no longer marked').not.toHaveAttribute('aria-invalid');
    document.body.innerHTML = '';
    await show('task-new-refused-title');
    expect(byId('task-name')).toHaveAttribute('aria-invalid', 'true');
    none('task-problem');
  });

  it('is not sent twice while it is on its way', async () => {
    const { host } = await show('task-new-busy');
    expect(byId('task-create')).toHaveAttribute('aria-busy', 'true');
    await press('task-create');
    expect(host.asked('task_create')).toHaveLength(1);
  });

  it('is there again after the sheet was closed', async () => {
    await show('task-new');
    await type('task-name', 'Half a title');
    await press('task-sheet-close');
    await waitFor(() => none('task-sheet'));
    await press('new-task');
    await waitFor(() => expect(byId('task-name')).toHaveValue('Half a title'));
  });

  it('follows from a contact', async () => {
    const { host } = await show('follow-up');
    await waitFor(() => expect(byId('task-name')).toHaveFocus());
    await type('task-name', 'Send the invoice');
    await press('task-for');
    await waitFor(() => expect(screen.getAllByTestId('endpoint').length).toBeGreaterThan(0));
    expect(
      screen.getAllByTestId('endpoint').map((one) => one.dataset['kind']),
      'agents and queues only',
    ).not.toContain('phone_number');
    await fireEvent.click(screen.getAllByTestId('endpoint')[0] as HTMLElement);
    await settle();
    await press('task-create');
    expect(host.asked('task_create')).toMatchObject([{ previous: 'contact-1', scheduled_for: null }]);
  });
});

describe('where calls ring', () => {
  it('is there only where the platform lets it be changed', async () => {
    await show('settings-accounts');
    none('calls-ring');
    document.body.innerHTML = '';
    await show('settings-rings');
    expect(byId('calls-ring-now')).toHaveTextContent('On this computer');
    expect(byId('calls-ring-language-now').textContent).toMatch(/English/);
  });

  it('sends desk phone, number and language, and shows what the platform shows', async () => {
    const { host } = await show('settings-rings');
    await press('calls-ring-change');
    await press('calls-ring-phone');
    await type('calls-ring-number', ' +49 30 12345678 ');
    await fireEvent.change(byId('calls-ring-language'), { target: { value: 'pt_BR' } });
    await press('calls-ring-save');
    expect(host.asked('agent_preferences')).toEqual([
      { account: 'account-1', softphone: false, extension: '+49 30 12345678', language: 'pt_BR' },
    ]);
    none('calls-ring-save');
    expect(byId('said')).toHaveTextContent('Saved');
    expect(byId('calls-ring-now'), 'until the platform says otherwise').toHaveTextContent('On this computer');
  });

  it('marks the number that is missing or wrong', async () => {
    const { host } = await show('settings-rings-missing');
    expect(byId('calls-ring-number')).toHaveAttribute('aria-invalid', 'true');
    expect(host.asked('agent_preferences')).toEqual([]);
    document.body.innerHTML = '';
    await show('settings-rings-wrong');
    expect(byId('calls-ring-number')).toHaveAttribute('aria-invalid', 'true');
    none('calls-ring-problem');
  });

  it('tells a failure, and an answer that did not come', async () => {
    const { host } = await show('settings-rings-failed');
    expect(byId('calls-ring-problem')).toHaveTextContent('no right');
    host.answers.agent_preferences = () => {
      throw rpcError('unavailable', 'error_timeout');
    };
    await press('calls-ring-save');
    expect(byId('calls-ring-problem')).toHaveTextContent('not certain');
  });

  it('has no choice of language where there is none', async () => {
    const { host } = await show('settings-rings-phone');
    expect(byId('calls-ring-language')).toBeVisible();
    await press('calls-ring-here');
    none('calls-ring-number');
    await press('calls-ring-save');
    expect(host.asked('agent_preferences'), 'the number is kept at the platform').toEqual([
      { account: 'account-1', softphone: true, extension: '+493012345678', language: null },
    ]);
  });
});
