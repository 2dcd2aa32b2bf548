import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';

import { changeOf, faultsOfEdit } from '../src/features/dial/edit';
import { fieldTime } from '../src/features/dial/field';
import { defaultsOf, faultsOfFields, needsSomebody, valuesOf } from '../src/features/dial/template';
import type { TaskEdit } from '../src/lib/desk/place.svelte';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { Contact } from '../src/lib/rpc/gen';
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
async function pick(id: string, value: string): Promise<void> {
  await fireEvent.change(byId(id), { target: { value } });
  await settle();
}
beforeEach(() => localStorage.clear());

describe('the fields of a template', () => {
  const template = f.template('template-return');

  it('are checked by kind before anything is sent', () => {
    const held = { ...defaultsOf(template), 'Order number': '1', Reason: 'Late' };
    expect(faultsOfFields(template, held), 'what is required is there').toEqual({});
    const wrong = (change: Record<string, string>): string[] =>
      Object.keys(faultsOfFields(template, { ...held, ...change }));
    expect(wrong({ 'Order number': ' ', Reason: '' })).toEqual(['field Order number', 'field Reason']);
    expect(wrong({ 'Order number': 'x'.repeat(512) }), 'fewer than 512').toEqual(['field Order number']);
    for (const bad of ['12,50', '1e3', '007', 'abc'])
      expect(wrong({ Amount: bad }), bad).toEqual(['field Amount']);
    for (const fine of ['0', '-3', '12.50', '+4']) expect(wrong({ Amount: fine }), fine).toEqual([]);
    expect(wrong({ 'Photo page': 'javascript:alert(1)' })).toEqual(['field Photo page']);
    expect(wrong({ 'Customer mail': 'ana at shop' })).toEqual(['field Customer mail']);
    expect(wrong({ Desk: '' }), 'what is fixed is not asked for').toEqual([]);
  });

  it('are sent in the form of their kind, and only what can be changed', () => {
    const time = new Date('2026-04-02T10:30').getTime();
    const held = {
      'Order number': ' 1 ',
      Amount: '+4',
      'Bought on': fieldTime(time),
      Insured: 'false',
      Notes: ' ',
    };
    expect(valuesOf(template, { ...held, Desk: 'mine', 'Expires after': '9' })).toEqual([
      { name: 'Order number', value: '1' },
      { name: 'Amount', value: '4' },
      { name: 'Bought on', value: String(time) },
      { name: 'Insured', value: 'false' },
    ]);
  });

  it('say whether somebody has to be named', () => {
    expect(needsSomebody(null), 'without a template').toBe(true);
    expect(needsSomebody(template), 'as it says').toBe(true);
    expect(needsSomebody(f.template('template-address')), 'it decides itself').toBe(false);
  });
});

describe('a new task with templates', () => {
  it('has none by default, and says when they could not be loaded', async () => {
    const { host } = await show('task-templates-failed');
    await waitFor(() => expect(byId('task-templates-failed')).toHaveTextContent('without one'));
    expect(byId('task-create'), 'it can be made all the same').toBeEnabled();
    host.answers.task_templates = () => f.templates;
    await press('task-templates-again');
    expect(byId('task-template-choose'), 'No template').toHaveValue('');
    expect(byId('task-link-add'), 'with links of its own').toBeVisible();
  });

  it('shows nothing of them where there are none, or where the platform has none', async () => {
    await show('task-templates-none');
    await waitFor(() => expect(byId('task-name')).toBeVisible());
    none('task-template-choose');
    none('task-templates-loading');
    document.body.innerHTML = '';
    const { host } = await show('task-new');
    none('task-template-choose');
    expect(host.asked('task_templates'), 'not asked for').toEqual([]);
  });

  it('shows the fields of the one chosen, with what they come with', async () => {
    await show('task-template');
    expect(byId('task-field-0')).toHaveAttribute('aria-required', 'true');
    expect(byId('task-field-6'), 'its default').toHaveValue('true');
    expect(byId('task-field-8'), 'fixed').toHaveAttribute('readonly');
    expect(byId('task-field-8')).toHaveValue('Returns');
    expect(document.body, 'a kind that is not known here').toHaveTextContent('cannot be filled in here');
    none('task-link-add');
  });

  it('that says itself whom it is for does not ask, and its fixed title stays', async () => {
    const { host } = await show('task-template-own');
    none('task-for');
    none('task-when');
    none('task-description');
    expect(byId('task-name')).toHaveValue('Change of address');
    expect(byId('task-name')).toHaveAttribute('readonly');
    await type('task-field-0', 'Elm Street 1');
    await press('task-create');
    expect(host.asked('task_create')).toMatchObject([
      {
        template: 'template-address',
        endpoint: null,
        fields: [{ name: 'New address', value: 'Elm Street 1' }],
      },
    ]);
  });

  it('is sent with its fields', async () => {
    const { host } = await show('task-template-filled');
    await press('task-create');
    await waitFor(() => none('task-sheet'));
    expect(host.asked('task_create')).toMatchObject([
      {
        name: 'Refund for Ana',
        template: 'template-return',
        endpoint: 'e1',
        links: [],
        fields: [
          { name: 'Order number', value: '2041-77' },
          { name: 'Reason', value: 'Damaged' },
          { name: 'Amount', value: '12.50' },
          { name: 'Insured', value: 'true' },
        ],
      },
    ]);
  });

  it('shows what is wrong at its field and sends nothing', async () => {
    const { host } = await show('task-template-faults');
    for (const id of ['task-field-0', 'task-field-1', 'task-field-2', 'task-field-3']) {
      expect(byId(id), id).toHaveAttribute('aria-invalid', 'true');
    }
    expect(host.asked('task_create')).toEqual([]);
    await type('task-field-2', '12.50');
    expect(byId('task-field-2'), 'what is mended is no longer marked').not.toHaveAttribute('aria-invalid');
  });

  it('shows a refusal at its field, and loses nothing', async () => {
    const { host } = await show('task-template-filled');
    host.answers.task_create = () => {
      throw { ...rpcError('invalid', 'error_invalid'), field: 'Order number', detail: 'No such order' };
    };
    await press('task-create');
    expect(byId('task-field-0')).toHaveAttribute('aria-invalid', 'true');
    expect(document.body).toHaveTextContent('No such order');
    expect(byId('task-field-0')).toHaveValue('2041-77');
    none('task-problem');
    host.answers.task_create = () => {
      throw rpcError('unavailable', 'error_timeout');
    };
    await press('task-create');
    expect(byId('task-problem'), 'here a second try may make a second task').toHaveTextContent(
      'may become two',
    );
  });

  it('asks for a template again that the account has forgotten', async () => {
    const { host } = await show('task-template-filled');
    host.answers.task_create = () => {
      throw { ...rpcError('unavailable', 'error_unavailable', true), field: 'template' };
    };
    await press('task-create');
    expect(byId('task-template-failed')).toHaveTextContent('loaded again');
    await press('task-template-again');
    none('task-template-failed');
    expect(byId('task-field-0'), 'what was filled in is still there').toHaveValue('2041-77');
    expect(host.asked('task_template')).toHaveLength(2);
  });

  it('cannot be made while its fields are not there', async () => {
    const { host } = await show('task-template-unreadable');
    expect(byId('task-template-failed')).toHaveTextContent('could not be loaded');
    expect(byId('task-create')).toBeDisabled();
    host.answers.task_template = ({ template }) => f.template(template);
    await press('task-template-again');
    expect(byId('task-create')).toBeEnabled();
    await pick('task-template-choose', '');
    none('task-field-0');
    expect(byId('task-link-add')).toBeVisible();
  });
});

describe('changing a task', () => {
  const before = {
    subject: 'Title',
    description: 'Text',
    references: [
      { name: 'Order', kind: 'url', value: 'https://shop.example/1' },
      { name: 'Photo', kind: 'attachment', value: 'a.jpg' },
      { name: 'Day', kind: 'date', value: '1786207200' },
      { name: 'Week', kind: 'date', value: 'soon' },
    ],
  } as unknown as Contact;
  const draft: TaskEdit = {
    contact: { account: 'a', contact: 'c' },
    name: 'Title',
    description: 'Text',
    references: { Order: 'https://shop.example/1', Day: fieldTime(1_786_207_200_000) },
    links: [],
  };

  it('sends what differs and nothing else', () => {
    expect(changeOf(draft, before), 'nothing').toBeNull();
    expect(changeOf({ ...draft, name: ' Title ' }, before), 'blanks are no change').toBeNull();
    expect(changeOf({ ...draft, description: '' }, before), 'a text taken away').toEqual({
      name: null,
      description: '',
      references: [],
      links: [],
    });
    const day = fieldTime(1_786_300_000_000 - (1_786_300_000_000 % 60_000));
    const changed = {
      ...draft,
      references: { ...draft.references, Day: day },
      links: [{ name: 'P', address: 'https://p.example' }],
    };
    expect(changeOf(changed, before)).toMatchObject({
      references: [{ name: 'Day', value: String(new Date(day).getTime()) }],
      links: [{ name: 'P', address: 'https://p.example' }],
    });
  });

  it('finds faults first', () => {
    const of = (change: Partial<TaskEdit>): string[] =>
      Object.keys(faultsOfEdit({ ...draft, ...change }, before.references));
    expect(of({})).toEqual([]);
    expect(of({ name: ' ' })).toEqual(['name']);
    expect(of({ references: { ...draft.references, Order: 'shop' } })).toEqual(['field Order']);
    expect(of({ references: { ...draft.references, Order: ' ' } }), 'a reference cannot be emptied').toEqual([
      'field Order',
    ]);
    expect(of({ links: [{ name: 'Order', address: 'https://x.example' }] }), 'known by that name').toEqual([
      'links 0',
    ]);
  });

  it('is offered where the platform lets it, and says so when it is saved', async () => {
    await show('task-full');
    none('task-edit-open');
    document.body.innerHTML = '';
    const { host } = await show('task-edit');
    await waitFor(() => expect(byId('edit-save'), 'nothing is changed yet').toBeDisabled());
    expect(byId('edit-reference-1'), 'a file').toHaveAttribute('readonly');
    await type('edit-name', 'Another title');
    await press('edit-save');
    await waitFor(() => none('task-edit'));
    expect(host.asked('task_update')).toMatchObject([
      { contact: { contact: 'task-1' }, name: 'Another title', description: null, references: [], links: [] },
    ]);
    expect(byId('said')).toHaveTextContent('was changed');
  });

  it('loses no text when it fails, and none when the sheet is closed', async () => {
    const { host } = await show('task-edit-refused');
    expect(byId('edit-problem')).toHaveTextContent('was not changed');
    expect(byId('edit-name')).toHaveValue('Another title');
    await press('task-edit-close');
    await waitFor(() => none('task-edit'));
    await press('task-edit-open');
    await waitFor(() => expect(byId('edit-name')).toHaveValue('Another title'));
    host.answers.task_update = () => {
      throw { ...rpcError('invalid', 'error_too_long'), field: 'name' };
    };
    await press('edit-save');
    expect(byId('edit-name')).toHaveAttribute('aria-invalid', 'true');
  });
});
