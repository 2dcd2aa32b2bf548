import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { chat, conversation, customerAuthor, said } from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const composer = (): HTMLTextAreaElement => screen.getByTestId('composer');
const key = { account: 'account-1', contact: 'chat-1' };
let focus: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  focus = vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => focus.mockRestore());

describe('the composer', () => {
  it('sends with Enter, begins a line with Shift and Enter, and is empty afterwards', async () => {
    const { host } = await show('chat-open');
    const user = userEvent.setup();
    await user.type(composer(), 'one{Shift>}{Enter}{/Shift}two');
    expect(host.asked('conversation_send'), 'not sent by Shift and Enter').toEqual([]);
    await user.keyboard('{Enter}');
    await settle();
    expect(host.asked('conversation_send')).toEqual([
      { contact: key, text: 'one\ntwo', markdown: true, reply_to: null, internal: false },
    ]);
    expect(composer().value).toBe('');
  });

  it('leaves Enter to an input method that is composing', async () => {
    const { host } = await show('chat-open');
    await userEvent.setup().type(composer(), 'かな');
    await fireEvent.keyDown(composer(), { key: 'Enter', isComposing: true });
    expect(host.asked('conversation_send')).toEqual([]);
  });

  it('keeps the words when they could not be sent, and says so', async () => {
    await show('chat-send-refused');
    expect(composer().value).toBe('Your parcel arrives tomorrow.');
    expect(screen.getByTestId('composer-problem')).toHaveTextContent('Your words are still here');
  });

  it('takes a message after the other, however fast they are written, and sends none twice', async () => {
    const { host } = await show('chat-open');
    let taken: () => void = () => undefined;
    host.answers.conversation_send = ({ contact }) =>
      new Promise((resolve) => (taken = () => resolve({ contact, token: 't' })));
    const user = userEvent.setup();
    await user.type(composer(), 'first{Enter}{Enter}');
    await user.type(composer(), 'second{Enter}third');
    expect(host.asked('conversation_send'), 'the second waits for the first').toHaveLength(1);
    taken();
    await settle();
    const words = host.asked('conversation_send').map((request) => request.text);
    expect(words, 'in the order written, none twice').toEqual(['first', 'second']);
    expect(composer().value, 'what is being written stays').toBe('third');
  });

  it('puts refused words back in front of what was written meanwhile', async () => {
    const { host } = await show('chat-open');
    let refuse: () => void = () => undefined;
    host.answers.conversation_send = () =>
      new Promise((_, reject) => (refuse = () => reject(rpcError('failed', 'error_cannot_keep'))));
    const user = userEvent.setup();
    await user.type(composer(), 'first{Enter}');
    await user.type(composer(), 'and more');
    refuse();
    await settle();
    expect(composer().value).toBe('first\nand more');
    expect(screen.getByTestId('composer-problem')).toHaveTextContent('Your words are still here');
  });

  it('sends nothing that is too long, and not blanks only', async () => {
    const { host } = await show('chat-near-limit');
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(screen.getByTestId('composer-room')).toHaveTextContent('over the limit');
    await fireEvent.input(composer(), { target: { value: '  \n ' } });
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(host.asked('conversation_send')).toEqual([]);
  });

  it('has the draft of each conversation, the other one’s after a switch', async () => {
    const { host } = await show('chats-and-call');
    await userEvent.setup().type(composer(), 'for Ana');
    const jonas = screen.getAllByTestId('chat-switch').find((one) => one.dataset['contact'] === 'chat-2');
    await fireEvent.click(jonas ?? document.body);
    await settle();
    expect(composer().value, 'another one’s words are not here').toBe('');
    expect(host.asked('conversation_draft')).toEqual([{ contact: key, text: 'for Ana' }]);
    await fireEvent.keyDown(window, { altKey: true, code: 'Digit1' });
    await settle();
    expect(composer().value).toBe('for Ana');
  });

  it('refuses files before reading them, and sends others with their content', async () => {
    const { host } = await show('chat-open');
    const picker = screen.getByTestId('composer-file');
    const files = [new File(['x'], 'run.exe'), new File(['hello'], 'note.txt', { type: 'text/plain' })];
    await fireEvent.change(picker, { target: { files } });
    await waitFor(() => expect(host.asked('conversation_send_file')).toHaveLength(1));
    expect(host.asked('conversation_send_file')[0]).toEqual({
      contact: key,
      name: 'note.txt',
      content_type: 'text/plain',
      base64: btoa('hello'),
    });
    expect(screen.getByTestId('composer-problem')).toHaveTextContent('run.exe cannot be sent');
  });

  it('is not there when the chat is over, but Finish is', async () => {
    const { host } = await show('chat-wrap-up');
    expect(screen.queryByTestId('composer')).toBeNull();
    await fireEvent.click(within(screen.getByTestId('conversation')).getByTestId('finish'));
    expect(host.asked('contact_clear')).toEqual([{ contact: key }]);
  });

  it('takes words while joining', async () => {
    const { host } = await show('chat-joining');
    await userEvent.setup().type(composer(), 'Hello{Enter}');
    expect(host.asked('conversation_send')).toHaveLength(1);
    expect(host.asked('conversation_typing'), 'nobody sees it yet').toEqual([]);
  });
});

describe('reading', () => {
  const unread = { kind: 'conversation' as const, value: conversation('chat-1', { unread: 1 }) };

  it('is said for what is in view while the window has the focus', async () => {
    const { host } = await show('chat-open');
    const value = said('chat-1', customerAuthor, 1, 'New words');
    host.push({ kind: 'patch', value: { from: 41, to: 42, changes: [unread, { kind: 'message', value }] } });
    await settle();
    expect(host.asked('conversation_read')).toEqual([{ contact: key, message: value.message.id }]);
    expect(screen.queryByTestId('unread-divider'), 'no mark for what is read at once').toBeNull();
    expect(screen.getByTestId('chat-announcer')).toHaveTextContent('Ana Ferreira: New words');
  });

  it('is not said while the agent is elsewhere; what came is marked, and read on coming back', async () => {
    const { host } = await show('chat-open');
    focus.mockReturnValue(false);
    window.dispatchEvent(new Event('blur'));
    const value = said('chat-1', customerAuthor, 1, 'New words');
    host.push({ kind: 'patch', value: { from: 41, to: 42, changes: [unread, { kind: 'message', value }] } });
    await settle();
    expect(host.asked('conversation_read')).toEqual([]);
    expect(screen.getByTestId('unread-divider')).toBeInTheDocument();
    focus.mockReturnValue(true);
    window.dispatchEvent(new Event('focus'));
    await settle();
    expect(host.asked('conversation_read')).toEqual([{ contact: key, message: value.message.id }]);
  });

  it('reads own words and old ones not aloud', async () => {
    await show('chat-open');
    expect(screen.getByTestId('chat-announcer').textContent).toBe('');
    expect(screen.getByTestId('transcript')).toHaveAttribute('role', 'log');
  });

  it('asks for older messages once the button is pressed', async () => {
    const { host } = await show('chat-busy');
    await fireEvent.click(screen.getByTestId('chat-older'));
    expect(host.asked('conversation_older')).toEqual([{ contact: key }]);
  });

  it('renders few of 4,000 messages, and more on demand', async () => {
    await show('chat-long');
    const shown = screen.getAllByTestId('message').length;
    expect(shown).toBeGreaterThanOrEqual(40);
    expect(shown).toBeLessThan(80);
    await fireEvent.click(screen.getByTestId('chat-older'));
    await settle();
    expect(screen.getAllByTestId('message').length).toBeGreaterThanOrEqual(shown + 80);
  });

  it('keeps a bounded part of 4,000 messages in the page, wherever one reads', async () => {
    await show('chat-long');
    const transcript = screen.getByTestId('transcript');
    const ids = (): string[] =>
      [...transcript.querySelectorAll<HTMLElement>('[data-message]')].map(
        (row) => row.dataset['message'] ?? '',
      );
    const newest = ids().at(-1);
    let most = 0;
    for (let times = 0; times < 6; times += 1) {
      await fireEvent.click(screen.getByTestId('chat-older'));
      await settle();
      most = Math.max(most, ids().length);
    }
    expect(most, 'what is far below is taken away').toBeLessThan(300);
    expect(ids(), 'the end too').not.toContain(newest);
    const upmost = ids()[0];
    // Without a layout every scroll is one to the lower edge.
    for (let times = 0; times < 40 && !ids().includes(newest ?? ''); times += 1) {
      await fireEvent.scroll(transcript);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await settle();
      most = Math.max(most, ids().length);
    }
    expect(ids().at(-1), 'and comes back when one scrolls down').toBe(newest);
    expect(ids(), 'while what is far above goes').not.toContain(upmost);
    expect(most).toBeLessThan(300);
  });
});

describe('what stands in a conversation', () => {
  it('shows hostile text as text', async () => {
    const { container } = await show('chat-hostile');
    expect(container.querySelector('script, img, iframe')).toBeNull();
    expect(screen.getByTestId('transcript')).toHaveTextContent('<script>alert(1)</script>');
    const links = screen.getAllByTestId('chat-link').map((one) => one.dataset['href']);
    expect(links, 'no javascript, no picture').toEqual(['https://evil.example/']);
    expect(container.querySelector('a[href]:not(.skip)'), 'nothing leaves the page').toBeNull();
  });

  it('sends a failed message again, or drops it', async () => {
    const { host } = await show('chat-failed');
    const [failed, waiting] = screen.getAllByTestId('outgoing');
    expect(failed).toHaveTextContent('The platform refused the message.');
    expect(waiting).toHaveAttribute('data-state', 'waiting');
    await fireEvent.click(within(failed as HTMLElement).getByTestId('outgoing-retry'));
    await fireEvent.click(within(failed as HTMLElement).getByTestId('outgoing-discard'));
    expect(host.asked('conversation_retry')).toEqual([{ contact: key, token: 't1' }]);
    expect(host.asked('conversation_discard')).toEqual([{ contact: key, token: 't1' }]);
  });

  it('offers files by how far they are', async () => {
    const { host } = await show('chat-files');
    const [running, saved, failed] = screen.getAllByTestId('attachment') as HTMLElement[];
    await fireEvent.click(within(running as HTMLElement).getByTestId('attachment-cancel'));
    expect(host.asked('attachment_cancel')).toEqual([{ contact: key, attachment: 'a1' }]);
    expect(saved).toHaveTextContent('Saved: /home/agent/Downloads/parcel.jpg');
    expect(failed).toHaveTextContent('could not be saved');
    await fireEvent.click(within(failed as HTMLElement).getByTestId('attachment-save'));
    expect(host.asked('attachment_save')).toEqual([{ contact: key, attachment: 'a3' }]);
  });

  it('names how far own messages got', async () => {
    await show('chat-open');
    expect(screen.getByTestId('delivery')).toHaveTextContent('Delivered');
  });
});

describe('chats beside other contacts', () => {
  it('keeps the call in hand', async () => {
    const { host } = await show('chats-and-call');
    const bar = screen.getByTestId('call-bar');
    await fireEvent.click(within(bar).getByTestId('mute'));
    await fireEvent.click(within(bar).getByTestId('hold'));
    await fireEvent.click(within(bar).getByTestId('end-call'));
    expect(host.calls.map((call) => call.command).filter((name) => name.startsWith('contact_'))).toEqual([
      'contact_mute',
      'contact_hold',
      'contact_end',
    ]);
  });

  it('ends a chat only after a question', async () => {
    const { host } = await show('chat-open');
    await fireEvent.click(screen.getByTestId('end'));
    expect(host.asked('contact_end')).toEqual([]);
    await settle();
    await fireEvent.click(await screen.findByTestId('confirm-end-confirm'));
    expect(host.asked('contact_end')).toEqual([{ contact: key, connection: null }]);
  });

  it('answers an offer while writing, and opens the chat that was accepted', async () => {
    const { host } = await show('chat-offered-while-chatting');
    await fireEvent.click(screen.getByTestId('accept'));
    await settle();
    const taken = { account: 'account-1', contact: 'chat-2' };
    expect(host.asked('contact_accept')).toEqual([{ contact: taken }]);
    host.push({
      kind: 'patch',
      value: {
        from: 41,
        to: 42,
        changes: [
          { kind: 'contact', value: chat('chat-2') },
          { kind: 'conversation', value: conversation('chat-2') },
        ],
      },
    });
    await settle();
    expect(screen.getByTestId('conversation')).toHaveAttribute('data-contact', 'chat-2');
  });

  it('hands over to an agent or a queue only', async () => {
    const { host } = await show('transfer-sheet');
    const kinds = screen.getAllByTestId('endpoint').map((one) => one.dataset['kind']);
    expect(new Set(kinds)).toEqual(new Set(['agent', 'queue']));
    await fireEvent.click(screen.getByTestId('transfer-confirm'));
    await settle();
    expect(host.asked('contact_transfer')).toEqual([
      { contact: key, target: { kind: 'endpoint', id: 'e1' }, note: '' },
    ]);
    expect(screen.queryByTestId('transfer-sheet'), 'done').toBeNull();
  });

  it('keeps the sheet open when nobody took it', async () => {
    await show('transfer-sheet-failed');
    expect(screen.getByTestId('transfer-problem')).toHaveTextContent('It is still yours');
  });

  it('does not say whether a transfer happened when the platform kept silent', async () => {
    const { host } = await show('transfer-sheet');
    host.answers.contact_transfer = () => {
      throw rpcError('unavailable', 'error_timeout');
    };
    await fireEvent.click(screen.getByTestId('transfer-confirm'));
    await settle();
    expect(screen.getByTestId('transfer-problem')).toHaveTextContent('not certain');
  });

  it('pauses a task and takes it up again, and says of an e-mail where its text is', async () => {
    const { host } = await show('task-live');
    await fireEvent.click(screen.getByTestId('pause'));
    expect(host.asked('contact_pause')).toHaveLength(1);
    document.body.innerHTML = '';
    const paused = await show('task-paused');
    await fireEvent.click(screen.getByTestId('unpause'));
    expect(paused.host.asked('contact_unpause')).toHaveLength(1);
    document.body.innerHTML = '';
    await show('email-live');
    expect(screen.getByTestId('email-note')).toHaveTextContent('not available here');
  });

  it.each([
    'chat-offered',
    'chat-missed',
    'chat-wrap-up',
    'task-live',
    'email-live',
    'chats-overview',
    'chat-open',
  ])('%s has no word of a call where there is none', async (state) => {
    const { container } = await show(state);
    const cards =
      state === 'chats-overview' ? [...container.querySelectorAll('[data-channel=chat]')] : [container];
    expect(cards.length).toBeGreaterThan(0);
    for (const card of cards) expect(card.textContent).not.toMatch(/\bcall\b|hung up|answer in time|\btalk/i);
  });
});
