import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Aim } from '../src/features/chat/aim.svelte';
import { eventWords } from '../src/features/chat/event-words';
import { standing, thread } from '../src/features/chat/thread';
import { summary } from '../src/features/chat/words';
import { choose, found, toSend } from '../src/features/contacts/wrap-up';
import { handoverWords } from '../src/features/contacts/words';
import { codes, lines } from '../src/lib/host/expertflow-states';
import { chat, conversation, customerAuthor, me, said } from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import type { Author, Change, Conversation, ConversationEvent, Message } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const key = { account: 'account-1', contact: 'cx-1' };
const priya: Author = { role: 'agent', name: 'Priya Nair' };
const nobody: Author = { role: 'system', name: null };
const composer = (): HTMLTextAreaElement => screen.getByTestId('composer');
const audience = (): string | undefined =>
  composer().closest<HTMLElement>('[data-audience]')?.dataset['audience'];
const frame = (change: Partial<Conversation>): Conversation => conversation('cx-1', {}, change).conversation;
let revision = 41;
async function push(host: MemoryHost, ...changes: Change[]): Promise<void> {
  host.push({ kind: 'patch', value: { from: revision, to: ++revision, changes } });
  await settle();
}
const framed = (change: Partial<Conversation>): Change => ({
  kind: 'conversation',
  value: conversation('cx-1', {}, { replies: true, participants: [customerAuthor], ...change }),
});
beforeEach(() => {
  revision = 41;
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

describe('what happens in a conversation', () => {
  it.each<[ConversationEvent, Author, string]>([
    ['transfer_requested', priya, 'Priya Nair asked for a transfer'],
    ['transfer_requested', nobody, 'A transfer was asked for'],
    ['conference_requested', me, 'You asked for a further colleague'],
    ['consult_requested', priya, 'Priya Nair asked for advice'],
    ['nobody_available', nobody, 'Nobody was free'],
    ['not_answered', me, 'You did not answer the offer'],
    ['took_over', priya, 'Priya Nair answers the customer from now on'],
    [{ line_opened: 'WhatsApp' }, nobody, 'The customer can now also be reached on WhatsApp'],
    [{ line_closed: 'Web' }, nobody, 'The customer can no longer be reached on Web'],
    ['hand_raised', priya, 'Priya Nair asks for help'],
    [{ other: 'Bot left' }, nobody, 'Bot left'],
    [{ other: ' ' }, nobody, 'Something happened that cannot be shown here'],
    [{ authentication_failed: '' }, customerAuthor, 'Ana Ferreira could not prove who they are'],
  ])('%j is said in words', (event, author, words) => {
    expect(eventWords(event, author)).toBe(words);
  });

  it('groups apart what only colleagues see, and what came on another way', () => {
    const at = Date.now();
    const say = (id: string, change: Partial<Message>): Message =>
      said('cx-1', priya, 0, id, { id, at, ...change }).message;
    const all = [
      say('a', {}),
      say('b', { internal: true }),
      say('c', { internal: true }),
      say('d', { line: 'sms' }),
    ];
    const groups = thread(all, null).filter((item) => item.kind === 'group');
    expect(groups.map((group) => group.messages.map((one) => one.id))).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('counts as answered only by words to the customer', () => {
    const all = [
      said('cx-1', me, 9, 'Hello', { line: 'chat' }),
      said('cx-1', customerAuthor, 8, 'Hi', { line: 'whatsapp' }),
      said('cx-1', me, 7, 'aside', { internal: true }),
    ].map((one) => one.message);
    expect(standing(all)).toEqual({ several: true, open: 1 });
  });

  it('has each kind in one line', () => {
    const place = { latitude: '1', longitude: '2', name: null, address: null };
    expect(summary({ kind: 'location', place })).toBe('Place: 1, 2');
    expect(summary({ kind: 'comment', act: 'LIKE', text: null, post: null, files: [] })).toBe('likes it');
    expect(summary({ kind: 'comment', act: 'PIN_POST', text: null, post: null, files: [] })).toBe(
      'did something: pin post',
    );
    expect(summary({ kind: 'link', address: 'https://a.example', text: null })).toBe('https://a.example');
  });

  it('says who handed it over, and what they said', () => {
    const by = { by: 'Priya', note: 'Gold', consult: false };
    expect(handoverWords(by)).toBe('Handed over by Priya:');
    expect(handoverWords({ ...by, note: null, consult: true })).toBe('Asked for your advice by Priya');
    expect(handoverWords({ by: null, note: ' ', consult: false })).toBe('Handed over to you');
  });
});

describe('a message of any kind', () => {
  it('shows a place, and the map only when it is asked for', async () => {
    const { host } = await show('cx-kinds');
    const place = screen.getByTestId('place');
    expect(place).toHaveTextContent('Corner shop');
    expect(place).toHaveTextContent('Alexanderplatz 1, 10178 Berlin');
    expect(host.asked('link_open')).toEqual([]);
    await fireEvent.click(within(place).getByTestId('place-show'));
    expect(host.asked('link_open')).toEqual([
      {
        address: 'https://www.openstreetmap.org/?mlat=52.520008&mlon=13.404954#map=16/52.520008/13.404954',
      },
    ]);
  });

  it('makes no map of what is no place', async () => {
    const { host } = await show('cx-chat');
    const place = { latitude: '1"><b>', longitude: '2', name: 'x', address: null };
    await push(host, {
      kind: 'message',
      value: said('cx-1', customerAuthor, 1, { kind: 'location', place }),
    });
    expect(within(screen.getByTestId('place')).queryByTestId('place-show')).toBeNull();
  });

  it('shows people, mail, comments, codes and words to files', async () => {
    await show('cx-kinds');
    const [card] = screen.getAllByTestId('contact-card');
    expect(card).toHaveTextContent('Lena Haddad');
    expect(within(card as HTMLElement).getAllByTestId('card-copy')).toHaveLength(2);
    expect(within(card as HTMLElement).queryByTestId('card-call'), 'nobody can dial here').toBeNull();
    const mail = screen.getByTestId('mail');
    expect(mail).toHaveTextContent('Omar Haddad <omar@haddad.example>');
    expect(mail).not.toHaveTextContent('Line 16');
    await fireEvent.click(within(mail).getByTestId('mail-more'));
    expect(mail).toHaveTextContent('Line 16');
    expect(screen.getAllByTestId('comment').map((one) => one.textContent)).toEqual([
      expect.stringContaining('wrote a comment'),
      expect.stringContaining('hid a comment'),
    ]);
    expect(screen.getByTestId('noted')).toHaveTextContent('Late delivery');
    expect(screen.getByTestId('transcript')).toHaveTextContent('This is how it arrived.');
    expect(screen.getByTestId('transcript')).toHaveTextContent('Three pictures');
    const failed = screen.getAllByTestId('delivery').find((one) => one.dataset['delivery'] === 'failed');
    expect(failed).toHaveTextContent('Could not be delivered');
  });

  it('opens an address by a press alone', async () => {
    const { host } = await show('cx-kinds');
    const link = screen.getAllByTestId('chat-link').find((one) => one.textContent?.includes('2041-77'));
    await fireEvent.click(link as HTMLElement);
    expect(host.asked('link_open')).toEqual([{ address: 'https://shop.example/orders/2041-77?from=chat' }]);
  });

  it('says of each what only colleagues see, also to those who listen', async () => {
    const { host } = await show('cx-whisper-customer');
    expect(screen.getAllByTestId('internal')[0]).toHaveTextContent('Only colleagues see this');
    for (const one of document.querySelectorAll('[data-internal]'))
      expect(one.closest('[role=group]')).toHaveAccessibleName('Only colleagues see this');
    await push(host, {
      kind: 'message',
      value: said('cx-1', priya, 0, 'Yes, do.', { internal: true }),
    });
    expect(screen.getByTestId('chat-announcer')).toHaveTextContent(
      'Priya Nair, to colleagues only: Yes, do.',
    );
  });

  it('names the channel where there are several, and only there', async () => {
    await show('cx-lines');
    expect(screen.getAllByTestId('line-mark').map((one) => one.textContent?.trim())).toContain(
      'via WhatsApp',
    );
    document.body.innerHTML = '';
    await show('cx-chat');
    expect(screen.queryByTestId('line-mark')).toBeNull();
  });

  it('goes from an answer to the message that it answers', async () => {
    await show('cx-chat');
    const quote = screen.getByTestId('quote');
    expect(quote).toHaveTextContent('Omar Haddad');
    await fireEvent.click(quote);
    await settle();
    expect(document.activeElement).toHaveAttribute('data-message', 'cx-1-ask');
  });

  it('puts a proposal into the field and sends nothing', async () => {
    const { host } = await show('cx-chat');
    await fireEvent.click(screen.getAllByTestId('suggestion')[1] as HTMLElement);
    await settle();
    expect(composer().value).toBe('Which address should it go to?');
    await fireEvent.click(screen.getAllByTestId('suggestion')[2] as HTMLElement);
    await settle();
    expect(composer().value, 'what stands there stays').toBe(
      'Which address should it go to?\nOne moment, please.',
    );
    expect(host.asked('conversation_send')).toEqual([]);
  });
});

describe('an answer to a message', () => {
  it('is sent with it, once', async () => {
    const { host } = await show('cx-replying');
    expect(screen.getByTestId('replying')).toHaveTextContent('Reply to Omar Haddad');
    await userEvent.setup().type(composer(), 'Yes{Enter}again{Enter}');
    await settle();
    expect(host.asked('conversation_send').map((one) => one.reply_to)).toEqual(['cx-1-ask', null]);
    expect(screen.queryByTestId('replying')).toBeNull();
  });

  it('is dropped by its button or Escape', async () => {
    await show('cx-replying');
    await userEvent.setup().type(composer(), '{Escape}');
    expect(screen.queryByTestId('replying')).toBeNull();
    await fireEvent.click(screen.getAllByTestId('reply')[0] as HTMLElement);
    await fireEvent.click(screen.getByTestId('reply-cancel'));
    expect(screen.queryByTestId('replying')).toBeNull();
    expect(composer()).toHaveFocus();
  });

  it('is reached by the keyboard: one stop of the tab key, arrows to the others', async () => {
    await show('cx-chat');
    const all = screen.getAllByTestId('reply');
    expect(all.map((one) => one.tabIndex)).toEqual([-1, -1, 0]);
    all.at(-1)?.focus();
    await userEvent.setup().keyboard('{ArrowUp}{Enter}');
    expect(screen.getByTestId('replying')).toHaveTextContent('Reply to You');
  });

  it('is there again when it could not be sent', async () => {
    const { host } = await show('cx-replying');
    host.answers.conversation_send = () => {
      throw rpcError('failed', 'error_cannot_keep');
    };
    await userEvent.setup().type(composer(), 'Yes{Enter}');
    await settle();
    expect(screen.getByTestId('replying')).toBeInTheDocument();
  });

  it('to a colleague goes to colleagues', async () => {
    await show('cx-whisper-customer');
    expect(audience()).toBe('customer');
    await fireEvent.click(screen.getAllByTestId('reply').at(-1) as HTMLElement);
    expect(audience()).toBe('colleagues');
    await fireEvent.click(screen.getByTestId('to-customer'));
    expect(screen.queryByTestId('replying'), 'and is not quoted to the customer').toBeNull();
  });
});

describe('words to colleagues', () => {
  it('are unmistakable, and sent as such', async () => {
    const { host } = await show('cx-whisper');
    expect(audience()).toBe('colleagues');
    expect(screen.getByTestId('to-colleagues')).toHaveAttribute('aria-pressed', 'true');
    expect(composer()).toHaveAccessibleName('Message to colleagues only, about Omar Haddad');
    const send = screen.getByTestId('composer-send');
    expect(send).toHaveTextContent('Whisper');
    expect(screen.queryByTestId('composer-attach'), 'files go to the customer').toBeNull();
    await fireEvent.click(send);
    await settle();
    expect(host.asked('conversation_send')[0]).toMatchObject({ text: 'May I refund him?', internal: true });
    expect(audience(), 'until it is switched').toBe('colleagues');
  });

  it('are neither told as writing nor kept by the core, which would not know for whom they are', async () => {
    const { host } = await show('cx-whisper');
    await userEvent.setup().type(composer(), ' Really?');
    await fireEvent(window, new Event('pagehide'));
    await settle();
    expect(host.asked('conversation_typing')).toEqual([]);
    expect(host.asked('conversation_draft')).toEqual([]);
  });

  it('do not reach the customer when the colleague leaves', async () => {
    const { host } = await show('cx-whisper');
    await push(host, framed({ whispers: false }));
    expect(audience()).toBe('customer');
    expect(screen.getByTestId('whisper-held')).toHaveTextContent('the customer would see it');
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(host.asked('conversation_send')).toEqual([]);
    await fireEvent.click(screen.getByTestId('whisper-held-keep'));
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    await settle();
    expect(host.asked('conversation_send')).toMatchObject([{ internal: false }]);
  });

  it('and the agent is told when nothing stood there', async () => {
    const { host } = await show('cx-whisper-customer');
    await fireEvent.click(screen.getByTestId('to-colleagues'));
    await push(host, framed({ whispers: false }));
    expect(audience()).toBe('customer');
    expect(screen.getByTestId('whisper-alone')).toBeInTheDocument();
  });

  it('are still for colleagues after another conversation', async () => {
    const { host } = await show('cx-whisper');
    await push(
      host,
      { kind: 'contact', value: chat('cx-2') },
      { kind: 'conversation', value: conversation('cx-2') },
    );
    await fireEvent.keyDown(window, { altKey: true, code: 'Digit2' });
    await settle();
    expect(audience()).toBe('customer');
    await fireEvent.keyDown(window, { altKey: true, code: 'Digit1' });
    await settle();
    expect(composer().value).toBe('May I refund him?');
    expect(audience()).toBe('colleagues');
  });

  it('come back as such when they could not be sent', () => {
    const aim = new Aim();
    aim.back(true, null, frame({ whispers: true }));
    expect(aim.whispered).toBe(true);
    const alone = new Aim();
    alone.back(true, null, frame({ whispers: false }));
    expect(alone.held).toBe(true);
  });

  it('are marked while they are on their way, and when they were not sent', async () => {
    await show('cx-whisper-sending');
    const [sending, failed] = screen.getAllByTestId('outgoing');
    expect(sending).toHaveTextContent('Only colleagues see this');
    expect(sending).toHaveTextContent('Answers Omar Haddad: Hello, my parcel');
    expect(failed).toHaveTextContent('No colleague is here any more');
  });

  it('are all that can be said by who gives advice, and it says why', async () => {
    const { host } = await show('cx-only-whispers');
    expect(screen.getByTestId('only-whispers')).toHaveTextContent('unseen by the customer');
    expect(screen.queryByTestId('to-customer')).toBeNull();
    await userEvent.setup().type(composer(), 'Yes{Enter}');
    await settle();
    expect(host.asked('conversation_send')).toMatchObject([{ internal: true }]);
  });
});

describe('the ways to the customer', () => {
  it('are chosen by the keyboard', async () => {
    const { host } = await show('cx-lines');
    const user = userEvent.setup();
    screen.getByTestId('line-menu').focus();
    await user.keyboard('{Enter}');
    const other = await screen.findByTestId('line-option-line-fb');
    expect(other).toHaveTextContent('Facebook, omar.haddad.73');
    other.focus();
    await user.keyboard('{Enter}');
    await settle();
    expect(host.asked('conversation_line')).toEqual([{ contact: key, line: 'line-fb' }]);
  });

  it('are not offered where there is one', async () => {
    const { host } = await show('cx-lines');
    await push(host, framed({ lines: lines.slice(0, 1), line: 'line-web' }));
    expect(screen.queryByTestId('line-menu')).toBeNull();
  });
});

describe('time', () => {
  // It stands still: what is left is the same however long the page takes.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['cx-chat', 'long', 'Answer within 0:45'],
    ['cx-answer-short', 'short', 'Answer within 0:11'],
    ['cx-answer-late', 'late', 'Answer overdue'],
  ])('%s: the customer is to be answered', async (state, level, words) => {
    await show(state);
    const by = screen.getByTestId('answer-by');
    expect(by).toHaveAttribute('data-level', level);
    expect(by).toHaveTextContent(words);
  });

  it('of a pause is shown, and the chat taken up again', async () => {
    const { host } = await show('cx-paused');
    expect(screen.getByTestId('paused-left')).toHaveTextContent('goes on in 4:3');
    await fireEvent.click(screen.getByTestId('unpause'));
    expect(host.asked('contact_unpause')).toEqual([{ contact: key }]);
  });
});

describe('colleagues', () => {
  it.each([
    ['cx-add', 'contact_add_party', 'Agent Two was asked to join'],
    ['cx-consult', 'contact_consult', 'Agent Two was asked for advice'],
  ] as const)('%s', async (state, command, words) => {
    const { host } = await show(state);
    await fireEvent.click(screen.getByTestId('transfer-confirm'));
    await settle();
    expect(host.asked(command)).toEqual([{ contact: key, target: { kind: 'endpoint', id: 'e1' }, note: '' }]);
    expect(screen.queryByTestId('transfer-sheet')).toBeNull();
    expect(screen.getByTestId('said')).toHaveTextContent(words);
  });

  it('that could not be asked are said to be so', async () => {
    await show('cx-consult-refused');
    expect(screen.getByTestId('transfer-problem')).toHaveTextContent('Nobody was asked for advice.');
  });

  it('stay when the agent leaves', async () => {
    await show('cx-leave');
    expect(await screen.findByTestId('confirm-end')).toHaveTextContent('The chat goes on without you.');
    expect(screen.getByTestId('confirm-end-confirm')).toHaveTextContent('Leave chat');
  });

  it('say why they bring a chat: at the offer, in its bar and above the chat', async () => {
    await show('cx-offered');
    expect(screen.getByTestId('handover')).toHaveTextContent('Handed over by Priya Nair: Wants a copy');
    document.body.innerHTML = '';
    await show('cx-offered-advice');
    expect(screen.getByTestId('handover')).toHaveTextContent('Asked for your advice by Priya Nair');
    document.body.innerHTML = '';
    await show('cx-handed-over');
    expect(screen.getByTestId('handover')).not.toHaveTextContent('express delivery');
    await fireEvent.click(screen.getByTestId('handover-more'));
    expect(screen.getByTestId('handover')).toHaveTextContent('express delivery');
  });

  it('pauses from the menu', async () => {
    const { host } = await show('cx-chat');
    const user = userEvent.setup();
    screen.getByTestId('chat-more').focus();
    await user.keyboard('{Enter}');
    (await screen.findByTestId('pause')).focus();
    await user.keyboard('{Enter}');
    expect(host.asked('contact_pause')).toEqual([{ contact: key }]);
  });
});

describe('what it was about', () => {
  const code = (value: string): HTMLElement =>
    screen.getAllByTestId('wrap-up-code').find((one) => one.dataset['code'] === value) as HTMLElement;

  it('is saved with codes and words', async () => {
    const { host } = await show('cx-wrap-up');
    await fireEvent.click(code('Copy of invoice'));
    expect(screen.getByTestId('wrap-up-most')).toHaveTextContent('2 of 5 chosen');
    await fireEvent.click(screen.getByTestId('wrap-up-save'));
    await settle();
    expect(host.asked('contact_wrap_up')).toEqual([
      {
        contact: key,
        codes: [
          { category: 'Order', value: 'Late delivery' },
          { category: 'Invoice', value: 'Copy of invoice' },
        ],
        note: 'Sent the invoice once more.',
      },
    ]);
    expect(screen.getByTestId('wrap-up-ends')).toHaveTextContent('Ends in 0:4');
  });

  it('can be left out', async () => {
    const { host } = await show('cx-wrap-up');
    const finish = within(screen.getByTestId('wrap-up')).getByTestId('finish');
    expect(finish).toHaveAccessibleName('Finish without noting anything: Omar Haddad');
    await fireEvent.click(finish);
    expect(host.asked('contact_clear')).toEqual([{ contact: key }]);
    expect(host.asked('contact_wrap_up')).toEqual([]);
  });

  it('is not sent empty', async () => {
    const { host } = await show('cx-wrap-up-empty');
    expect(host.asked('contact_wrap_up')).toEqual([]);
    expect(screen.getByTestId('wrap-up-codes-fault')).toHaveTextContent('Choose what it was about');
    await fireEvent.click(code('Praise'));
    expect(screen.getByTestId('wrap-up-codes-fault').textContent).toBe('');
  });

  it('says at the field what the core refused, and keeps what was chosen', async () => {
    await show('cx-wrap-up-refused');
    expect(screen.getByTestId('wrap-up-codes-fault')).toHaveTextContent('more than can be noted');
    expect(code('Late delivery')).toBeChecked();
  });

  it('is one of a few where only one can be', async () => {
    await show('cx-wrap-up-single');
    expect(code('Solved')).toHaveAttribute('type', 'radio');
    await fireEvent.click(code('Solved'));
    await fireEvent.click(code('Open'));
    expect(code('Solved')).not.toBeChecked();
    expect(screen.queryByTestId('wrap-up-search'), 'few are found by eye').toBeNull();
    expect(screen.queryByTestId('wrap-up-note')).toBeNull();
  });

  it('survives another contact', async () => {
    const { host } = await show('cx-wrap-up');
    await push(
      host,
      { kind: 'contact', value: chat('cx-2') },
      { kind: 'conversation', value: conversation('cx-2') },
    );
    await fireEvent.keyDown(window, { altKey: true, code: 'Digit2' });
    await settle();
    expect(screen.queryByTestId('wrap-up')).toBeNull();
    await fireEvent.keyDown(window, { altKey: true, code: 'Digit1' });
    await settle();
    expect(code('Late delivery')).toBeChecked();
    expect(screen.getByTestId('wrap-up-note')).toHaveValue('Sent the invoice once more.');
  });

  it('is noted of a live chat without ending it', async () => {
    const { host } = await show('cx-note-live');
    expect(screen.getAllByTestId('wrap-up-code').map((one) => one.dataset['code'])).toEqual([
      'Copy of invoice',
      'Wrong amount',
      'Payment reminder',
    ]);
    expect(within(screen.getByTestId('wrap-up')).queryByTestId('finish')).toBeNull();
    await fireEvent.click(code('Wrong amount'));
    await fireEvent.click(screen.getByTestId('wrap-up-save'));
    await settle();
    expect(host.asked('contact_wrap_up')).toHaveLength(1);
    expect(screen.queryByTestId('wrap-up-sheet')).toBeNull();
    expect(screen.getByTestId('conversation')).toBeInTheDocument();
  });

  it('is noted of a call in its card', async () => {
    await show('cx-wrap-up-call');
    expect(within(screen.getByTestId('contact-wrap_up')).getByTestId('wrap-up')).toBeInTheDocument();
    expect(screen.getAllByTestId('finish'), 'one way to finish').toHaveLength(1);
  });

  it('takes as many as it may, and sends what there is still', () => {
    const one = { category: 'Order', value: 'Damaged' };
    const two = { category: 'Order', value: 'Wrong item' };
    expect(choose([one], two, 1)).toEqual([two]);
    expect(choose([one], two, 2)).toEqual([one, two]);
    expect(choose([one, two], { category: 'Other', value: 'Praise' }, 2)).toEqual([one, two]);
    expect(choose([one, two], one, 2)).toEqual([two]);
    const gone = { category: 'Order', value: 'Gone' };
    expect(toSend({ codes: [one, gone], note: ' x ' }, codes)).toEqual({ codes: [one], note: 'x' });
    expect(toSend({ codes: [], note: 'x' }, { ...codes, note: false })).toEqual({ codes: [], note: '' });
  });

  it('is found by code and category, and what is chosen stays in view', () => {
    const chosen = [{ category: 'Order', value: 'Damaged' }];
    const { categories, hits } = found(codes, 'invoice', chosen);
    expect(hits).toBe(3);
    expect(categories.map((one) => one.values.length)).toEqual([1, 3]);
  });
});

describe('a note for a colleague', () => {
  it('goes with the transfer, and is gone once it is sent', async () => {
    const { host } = await show('transfer-note');
    await fireEvent.click(screen.getByTestId('transfer-confirm'));
    await settle();
    expect(host.asked('contact_transfer')).toEqual([
      { contact: key, target: { kind: 'endpoint', id: 'e1' }, note: 'Wants the invoice once more.' },
    ]);
    await fireEvent.click(screen.getByTestId('hand-over'));
    await settle();
    expect(screen.getByTestId('transfer-note')).toHaveValue('');
  });

  it('is kept when the sheet closes for something else, for each way apart', async () => {
    const { host } = await show('transfer-note');
    host.push({ kind: 'show', value: 'contact/account-1/cx-1' });
    await settle();
    await waitFor(() => expect(screen.queryByTestId('transfer-sheet')).toBeNull());
    await fireEvent.click(screen.getByTestId('hand-over'));
    await settle();
    expect(screen.getByTestId('transfer-note')).toHaveValue('Wants the invoice once more.');
    await fireEvent.click(screen.getByTestId('transfer-sheet-close'));
    await settle();
    screen.getByTestId('chat-more').focus();
    await userEvent.setup().keyboard('{Enter}');
    await fireEvent.click(await screen.findByTestId('chat-consult'));
    expect(await screen.findByTestId('transfer-note')).toHaveValue('');
  });

  it('says how much is left near the end, and is not sent when it is too long', async () => {
    await show('transfer-note-near');
    expect(screen.getByTestId('transfer-note-left')).toHaveTextContent(/^\d+ /);
    document.body.innerHTML = '';
    const { host } = await show('transfer-note-over');
    expect(screen.getByTestId('transfer-note')).toHaveAttribute('aria-invalid', 'true');
    expect(host.asked('contact_transfer')).toEqual([]);
  });

  it('is not asked for where the platform passes none on', async () => {
    await show('cx-consult');
    expect(screen.queryByTestId('transfer-note')).toBeNull();
  });
});

describe('an adviser', () => {
  it('is let in beside the agent at once', async () => {
    const { host } = await show('adviser-two');
    const [, second] = screen.getAllByTestId('adviser');
    expect(second).toHaveTextContent('Dev Ramanathan-Krishnamurthy advises you');
    await fireEvent.click(within(second as HTMLElement).getByTestId('adviser-bring-in'));
    expect(host.asked('contact_end_consult')).toEqual([{ contact: key, adviser: 'agent-dev', stay: true }]);
  });

  it('takes over only when the agent says so once more', async () => {
    const { host } = await show('adviser-hand-over');
    expect(await screen.findByTestId('confirm-adviser')).toHaveTextContent(
      'Lena Vogel answers the customer from now on, and you leave the conversation.',
    );
    expect(host.asked('contact_end_consult')).toEqual([]);
    await fireEvent.click(screen.getByTestId('confirm-adviser-confirm'));
    await settle();
    expect(host.asked('contact_end_consult')).toEqual([{ contact: key, adviser: 'agent-lena', stay: false }]);
  });

  it('is asked once', async () => {
    const { host } = await show('adviser-asked');
    await fireEvent.click(screen.getByTestId('adviser-bring-in'));
    await fireEvent.click(screen.getByTestId('adviser-hand-over'));
    await settle();
    expect(screen.queryByTestId('confirm-adviser')).toBeNull();
    expect(host.asked('contact_end_consult')).toHaveLength(1);
  });

  it('is only named where nothing can be done', async () => {
    await show('adviser-no-rights');
    expect(screen.getByTestId('adviser')).toHaveTextContent('Lena Vogel advises you');
    expect(within(screen.getByTestId('adviser')).queryByRole('button')).toBeNull();
  });
});
