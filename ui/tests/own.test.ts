import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import { act } from '../src/lib/host/states';
import { canEdit, canRemove, canReply } from '../src/features/chat/talk';
import type { Change, Message } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const contact = { account: 'account-1', contact: 'own-1' };
const composer = (): HTMLTextAreaElement => screen.getByTestId('composer');
const field = (): HTMLTextAreaElement => screen.getByTestId('edit-field');
const gone = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
const bubble = (id: string): HTMLElement =>
  screen.getAllByTestId('message').find((one) => one.dataset['message'] === id) as HTMLElement;
/** A dialog or menu gives the focus back a moment after it is gone. */
const soon = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle();
};
let revision = 41;
async function push(host: MemoryHost, ...changes: Change[]): Promise<void> {
  host.push({ kind: 'patch', value: { from: revision, to: ++revision, changes } });
  await settle();
}
const said = (id: string, body: Message['body'] | string, change: Partial<Message> = {}): Change => ({
  kind: 'message',
  value: f.said('own-1', f.me, 300, body, { id, ...change }),
});
beforeEach(() => {
  revision = 41;
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

describe('what can be done with a message', () => {
  const all = { edits: true, removes: true, replies: true, whispers: false };
  const of = (body: Message['body'] | string, author = f.me, change: Partial<Message> = {}): Message =>
    f.said('own-1', author, 1, body, change).message;

  it('is for the own ones alone, and only where the platform has it', () => {
    const mine = of('Hello');
    expect([canEdit(all, mine), canRemove(all, mine)]).toEqual([true, true]);
    expect([canEdit({ edits: false }, mine), canRemove({ removes: false }, mine)]).toEqual([false, false]);
    const theirs = of('Hello', f.customerAuthor);
    expect([canEdit(all, theirs), canRemove(all, theirs), canReply(all, theirs)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('depends on what it holds', () => {
    const place = of({
      kind: 'location',
      place: { latitude: '1', longitude: '2', name: null, address: null },
    });
    expect([canEdit(all, place), canRemove(all, place)], 'no words to change').toEqual([false, true]);
    const removed = of({ kind: 'removed' });
    expect([canEdit(all, removed), canRemove(all, removed), canReply(all, removed)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(canEdit(all, of('Hel', f.me, { partial: true })), 'still being written').toBe(false);
  });

  it('stands in a menu at the own ones, and is not offered where it cannot be done', async () => {
    await show('chat-own');
    expect(screen.getAllByTestId('message-acts')).toHaveLength(2);
    expect(screen.getAllByTestId('reply'), 'the customer can be answered').toHaveLength(2);
    document.body.innerHTML = '';
    await show('cx-chat');
    gone('message-acts');
  });

  it('is reached by the keyboard, and the focus comes back', async () => {
    await show('chat-own');
    const user = userEvent.setup();
    const [first, last] = screen.getAllByTestId('message-acts') as [HTMLElement, HTMLElement];
    expect([first.tabIndex, last.tabIndex], 'one stop of the tab key').toEqual([-1, 0]);
    last.focus();
    await user.keyboard('{ArrowUp}{ArrowUp}');
    expect(first).toHaveFocus();
    await user.keyboard('{Enter}');
    await soon();
    expect(first).toHaveAttribute('aria-expanded', 'true');
    expect(
      within(screen.getByTestId('message-menu')).getAllByRole('menuitem', { hidden: true }),
    ).toHaveLength(3);
    await user.keyboard('{Escape}');
    await soon();
    gone('message-menu');
    expect(first).toHaveFocus();
    expect(first).toHaveAttribute('aria-expanded', 'false');
  });

  it('closes with the button that opened it', async () => {
    await show('chat-own-menu');
    await fireEvent.click(screen.getAllByTestId('message-acts')[0] as HTMLElement);
    await soon();
    gone('message-menu');
  });

  it('can be an answer', async () => {
    await show('chat-own-menu');
    await act('message-reply');
    await soon();
    expect(screen.getByTestId('replying')).toHaveTextContent('Reply to You');
    expect(composer()).toHaveFocus();
  });
});

describe('changing a message', () => {
  it('happens in the place of the field, with its words', async () => {
    const { host } = await show('chat-own-menu');
    await act('message-edit');
    await soon();
    expect(field().value).toBe('Good morning, Ana. It arrives on Tuesday.');
    expect(field()).toHaveFocus();
    expect(field()).toHaveAccessibleName('Your message to Ana Ferreira, to be changed');
    expect(composer()).not.toBeVisible();
    expect(bubble('mine-1')).toHaveClass('touched');
    await userEvent.setup().clear(field());
    await userEvent.setup().type(field(), 'On Wednesday{Shift>}{Enter}{/Shift}before noon{Enter}');
    await settle();
    expect(host.asked('message_edit')).toEqual([
      { contact, message: 'mine-1', text: 'On Wednesday\nbefore noon' },
    ]);
    expect(host.asked('conversation_send')).toEqual([]);
    gone('edit-message');
    expect(composer()).toHaveFocus();
    expect(bubble('mine-1'), 'the platform tells how it reads').toHaveTextContent('Tuesday');
    await push(host, said('mine-1', 'On Wednesday', { edited: true }));
    expect(bubble('mine-1')).toHaveTextContent('On Wednesday');
    expect(within(bubble('mine-1')).getByTestId('edited')).toHaveTextContent('edited');
  });

  it('leaves the draft as it is, whether it is saved or not', async () => {
    const { host } = await show('chat-own');
    const user = userEvent.setup();
    await user.type(composer(), 'A draft');
    await act('message-acts');
    await soon();
    await act('message-edit');
    await soon();
    await user.type(field(), ' Really.');
    await user.keyboard('{Escape}');
    await settle();
    gone('edit-message');
    expect(composer().value).toBe('A draft');
    expect(composer()).toHaveFocus();
    expect(host.asked('message_edit')).toEqual([]);
  });

  it('begins with arrow up in an empty field, at the last own words', async () => {
    await show('chat-own');
    const user = userEvent.setup();
    composer().focus();
    await user.keyboard('{ArrowUp}');
    await settle();
    expect(field().value).toBe('Of this week, before noon.');
    await user.keyboard('{Escape}');
    await settle();
    await user.type(composer(), 'x');
    await user.keyboard('{ArrowUp}');
    await settle();
    gone('edit-field');
  });

  it('has no such key where nothing can be changed', async () => {
    await show('cx-chat');
    composer().focus();
    await userEvent.setup().keyboard('{ArrowUp}');
    await settle();
    gone('edit-field');
  });

  it('that changes nothing asks for nothing', async () => {
    const { host } = await show('chat-own');
    composer().focus();
    await userEvent.setup().keyboard('{ArrowUp}{Enter}');
    await settle();
    expect(host.asked('message_edit')).toEqual([]);
    gone('edit-message');
  });

  it('is not possible without words, or with too many', async () => {
    const { host } = await show('chat-editing-long');
    expect(screen.getByTestId('composer-room')).toHaveTextContent('over');
    await fireEvent.click(screen.getByTestId('edit-save'));
    await fireEvent.input(field(), { target: { value: '  ' } });
    await userEvent.setup().type(field(), '{Enter}');
    await settle();
    expect(host.asked('message_edit')).toEqual([]);
    expect(screen.getByTestId('edit-message')).toBeInTheDocument();
  });

  it('that was refused keeps the words and says why', async () => {
    const { host } = await show('chat-edit-refused');
    expect(field().value).toBe('It arrives on Wednesday.');
    expect(screen.getByTestId('edit-problem')).toHaveTextContent(
      'The message was not changed. That is not possible right now.',
    );
    host.answers.message_edit = () => {
      throw rpcError('unavailable', 'error_timeout', true);
    };
    await fireEvent.click(screen.getByTestId('edit-save'));
    await settle();
    expect(screen.getByTestId('edit-problem')).toHaveTextContent('It is not certain');
    host.answers.message_edit = () => ({});
    await fireEvent.click(screen.getByTestId('edit-save'));
    await settle();
    gone('edit-message');
  });

  it('is asked for once, and a late answer disturbs nothing', async () => {
    const { host } = await show('chat-own');
    let answer = (): void => undefined;
    host.answers.message_edit = () =>
      new Promise((_, reject) => (answer = () => reject(rpcError('failed', 'error_failed'))));
    const user = userEvent.setup();
    composer().focus();
    await user.keyboard('{ArrowUp} Yes.{Enter}{Enter}');
    await settle();
    expect(host.asked('message_edit')).toHaveLength(1);
    expect(field()).toHaveAttribute('readonly');
    await user.keyboard('{Escape}');
    await settle();
    await user.keyboard('{ArrowUp}');
    await settle();
    answer();
    await settle();
    expect(field().value, 'begun anew').toBe('Of this week, before noon.');
    gone('edit-problem');
  });

  it('is not lost by turning to another message, or to an answer', async () => {
    await show('chat-editing');
    await act('reply');
    await soon();
    expect(screen.getByTestId('said')).toHaveTextContent('Save or cancel the change');
    expect(field().value).toContain('Wednesday');
    gone('replying');
    await fireEvent.input(field(), { target: { value: 'Good morning, Ana. It arrives on Tuesday.' } });
    await act('reply');
    await soon();
    expect(screen.getByTestId('replying'), 'nothing was changed').toBeInTheDocument();
    gone('edit-message');
  });

  it('of a message that is gone is told, and the words can be copied', async () => {
    const { host } = await show('chat-editing');
    await push(host, said('mine-1', { kind: 'removed' }));
    expect(screen.getByTestId('edit-gone')).toHaveTextContent('cannot be changed any more');
    await userEvent.setup().type(field(), '{Enter}');
    await settle();
    expect(host.asked('message_edit')).toEqual([]);
    expect(field().value).toContain('Wednesday');
  });

  it('for colleagues says that only they see it', async () => {
    await show('chat-editing-internal');
    expect(screen.getByTestId('edit-message')).toHaveTextContent('Only colleagues see this');
    expect(field()).toHaveAccessibleName('Your message to colleagues only, to be changed');
  });

  it('goes on after another conversation', async () => {
    await show('customer-online-several');
    composer().focus();
    const user = userEvent.setup();
    await user.keyboard('{ArrowUp} Really.');
    const [, other] = screen.getAllByTestId('chat-switch') as [HTMLElement, HTMLElement];
    await fireEvent.click(other);
    await settle();
    gone('edit-message');
    await fireEvent.click(screen.getAllByTestId('chat-switch')[0] as HTMLElement);
    await settle();
    expect(field().value).toBe('Of this week, before noon. Really.');
  });
});

describe('taking a message back', () => {
  it('is asked first', async () => {
    const { host } = await show('chat-removing');
    const dialog = screen.getByTestId('confirm-remove');
    expect(dialog).toHaveTextContent('Good morning, Ana.');
    await act('confirm-remove-cancel');
    await soon();
    expect(host.asked('message_remove')).toEqual([]);
    expect(screen.getAllByTestId('message-acts')[0], 'the focus is back').toHaveFocus();
  });

  it('is done once it was said, and the platform shows it', async () => {
    const { host } = await show('chat-removing');
    await act('confirm-remove-confirm');
    await soon();
    expect(host.asked('message_remove')).toEqual([{ contact, message: 'mine-1' }]);
    expect(composer(), 'its button will be gone').toHaveFocus();
    expect(bubble('mine-1')).toHaveTextContent('Tuesday');
    await push(host, said('mine-1', { kind: 'removed' }));
    expect(bubble('mine-1')).toHaveTextContent('Message deleted');
    expect(bubble('mine-1')).not.toHaveTextContent('Tuesday');
    expect(screen.getAllByTestId('message-acts')).toHaveLength(1);
  });

  it('that failed is told', async () => {
    const { host } = await show('chat-removing');
    host.answers.message_remove = () => {
      throw rpcError('not_possible', 'error_message_gone');
    };
    await act('confirm-remove-confirm');
    await soon();
    expect(document.body).toHaveTextContent('This message is no longer there, or it is not yours.');
  });

  it('leaves a line for everybody, and none of the words', async () => {
    await show('chat-removed');
    expect(screen.getAllByTestId('message').filter((one) => one.dataset['removed'])).toHaveLength(3);
    const quote = within(bubble('ask-2')).getByTestId('quote');
    expect(quote, 'not by an answer to it either').toHaveTextContent('Message deleted');
    expect(document.body).not.toHaveTextContent('Something that was taken back');
    expect(within(bubble('mine-0').parentElement as HTMLElement).queryByRole('button')).toBeNull();
  });
});

describe('a contact’s name', () => {
  it('is changed in a dialog that begins with the present one', async () => {
    const { host } = await show('contact-menu');
    await act('contact-rename');
    await soon();
    const name: HTMLInputElement = screen.getByTestId('rename-name');
    expect(name.value).toBe('Ana Ferreira');
    expect(name).toHaveFocus();
    await userEvent.setup().clear(name);
    await userEvent.setup().type(name, '  Ana, order 2041 {Enter}');
    await soon();
    expect(host.asked('contact_rename')).toEqual([{ contact, name: 'Ana, order 2041' }]);
    gone('rename');
  });

  it('cannot be nothing, nor endless', async () => {
    const { host } = await show('contact-rename-empty');
    expect(screen.getByTestId('rename-name')).toHaveAttribute('aria-invalid', 'true');
    await fireEvent.input(screen.getByTestId('rename-name'), { target: { value: 'x'.repeat(201) } });
    await act('rename-confirm');
    await settle();
    expect(screen.getByTestId('rename')).toHaveTextContent('too long');
    expect(host.asked('contact_rename')).toEqual([]);
  });

  it('that is as it was asks for nothing', async () => {
    const { host } = await show('contact-menu');
    await act('contact-rename');
    await soon();
    await act('rename-confirm');
    await soon();
    gone('rename');
    expect(host.asked('contact_rename')).toEqual([]);
  });

  it('that was refused stays in the field', async () => {
    const { host } = await show('contact-rename-refused');
    expect(screen.getByTestId('rename-problem')).toHaveTextContent('The contact was not renamed.');
    const name: HTMLInputElement = screen.getByTestId('rename-name');
    expect(name.value).toBe('Ana Ferreira, order 2041-77');
    host.answers.contact_rename = () => {
      throw { ...rpcError('invalid', 'error_too_long'), field: 'name' };
    };
    await act('rename-confirm');
    await settle();
    gone('rename-problem');
    expect(name).toHaveAccessibleDescription('This is too long for the platform.');
  });

  it('is asked for once at a time', async () => {
    const { host } = await show('contact-rename-busy');
    await act('rename-confirm');
    await fireEvent.submit(screen.getByTestId('rename-name').closest('form') as HTMLElement);
    expect(host.asked('contact_rename')).toHaveLength(1);
  });

  it('of a contact that is gone is not asked for', async () => {
    const { host } = await show('contact-renaming');
    await push(host, { kind: 'contact_gone', value: contact });
    await soon();
    gone('rename');
  });
});

describe('a customer', () => {
  it('is blocked after a question, and the mark says so', async () => {
    const { host } = await show('contact-banning');
    expect(screen.getByTestId('confirm-ban')).toHaveTextContent('Block Ana Ferreira?');
    expect(host.asked('contact_ban')).toEqual([]);
    await act('confirm-ban-confirm');
    await soon();
    expect(host.asked('contact_ban')).toEqual([{ contact, banned: true }]);
    gone('customer-banned');
    document.body.innerHTML = '';
    await show('contact-banned-card');
    expect(screen.getByTestId('customer-banned')).toHaveTextContent('Blocked');
  });

  it('stays as they are when the question is answered with no', async () => {
    const { host } = await show('contact-banning');
    await act('confirm-ban-cancel');
    await soon();
    expect(host.asked('contact_ban')).toEqual([]);
    gone('confirm-ban');
  });

  it('may write again without a question', async () => {
    const { host } = await show('contact-banned-menu');
    gone('contact-ban');
    await act('contact-unban');
    await soon();
    expect(host.asked('contact_ban')).toEqual([{ contact, banned: false }]);
  });

  it('is there or not, where the platform says', async () => {
    await show('customer-online-several');
    expect(screen.getAllByTestId('customer-online').map((one) => one.dataset['online'])).toEqual([
      'true',
      'false',
      'true',
    ]);
    expect(screen.getAllByTestId('customer-online')[1]).toHaveAttribute('title', 'Customer is offline');
    document.body.innerHTML = '';
    await show('chat-open');
    gone('customer-online');
  });
});
