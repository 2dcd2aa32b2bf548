import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Draft, pace } from '../src/features/chat/drafts';
import { markdown, plain, type Block, type Inline } from '../src/features/chat/markdown';
import {
  below,
  firstUnread,
  itemsFrom,
  thread,
  togetherWithin,
  windowEnd,
  windowStart,
} from '../src/features/chat/thread';
import { byteLength, fileProblem, fileSize, mark, roomLeft } from '../src/features/chat/writing';
import { typingWords } from '../src/features/chat/words';
import { Desk } from '../src/lib/desk/desk.svelte';
import { focused } from '../src/lib/desk/contacts';
import { chats, openChat, switchable } from '../src/lib/desk/conversations';
import { applyPatch } from '../src/lib/desk/patch';
import { Place } from '../src/lib/desk/place.svelte';
import {
  chat,
  conversation,
  customerAuthor,
  finished,
  live,
  me,
  offered,
  said,
  snapshot,
} from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { MemoryHost } from '../src/lib/host/memory';
import { conversationOfKey } from '../src/lib/shortcuts/shortcuts';
import type { DeskPatch, DeskSnapshot, Message, PlacedMessage } from '../src/lib/rpc/gen';
import { webAddress } from '../src/lib/web';
import { busy } from './busy';

const patch = (...changes: DeskPatch['changes']): DeskPatch => ({ from: 41, to: 42, changes });
const texts = (desk: DeskSnapshot | null): string[] =>
  (desk?.messages ?? []).map(({ message }) => (message.body.kind === 'text' ? message.body.text : ''));

describe('a patch of a conversation', () => {
  const base = (messages: PlacedMessage[] = []): DeskSnapshot =>
    snapshot({
      contacts: [chat('b'), chat('a')],
      conversations: [conversation('b'), conversation('a')],
      messages,
    });

  it('puts messages by contact, then time, then arrival, whatever order they come in', () => {
    const at = Date.now();
    const put = (id: string, text: string, time: number, arrival: number): PlacedMessage => ({
      ...said(id, customerAuthor, 0, text, { at: time, id: text }),
      arrival,
    });
    const after = applyPatch(
      base(),
      patch(
        { kind: 'message', value: put('a', 'a1', at, 1) },
        { kind: 'message', value: put('b', 'b-late', at + 5, 2) },
        { kind: 'message', value: put('b', 'b-same-time-later', at, 4) },
        { kind: 'message', value: put('b', 'b-same-time', at, 3) },
      ),
    );
    expect(texts(after), 'the contacts’ order, not the alphabet’s').toEqual([
      'b-same-time',
      'b-same-time-later',
      'b-late',
      'a1',
    ]);
  });

  it('replaces a message that comes again, and moves it with its time', () => {
    const first = said('b', customerAuthor, 50, 'one', { id: 'm1' });
    const second = said('b', customerAuthor, 40, 'two', { id: 'm2' });
    const value = { ...first, message: { ...first.message, at: second.message.at + 1000 } };
    const after = applyPatch(base([first, second]), patch({ kind: 'message', value }));
    expect(texts(after), 'moved, not doubled').toEqual(['two', 'one']);
  });

  it('takes a page of messages among other changes in their order, each thing once', () => {
    const old = said('b', customerAuthor, 50, 'old', { id: 'm1' });
    const changed = { ...old, message: { ...old.message, edited: true } };
    const page = ['m2', 'm1', 'm3'].map((id) =>
      id === 'm1' ? changed : said('b', customerAuthor, 40, id, { id }),
    );
    const again = said('a', customerAuthor, 40, 'of a', { id: 'm2' });
    const after = applyPatch(
      base([old]),
      patch(
        ...[...page, again].map((value) => ({ kind: 'message', value }) as const),
        { kind: 'contact_gone', value: again.contact },
        { kind: 'message', value: said('b', customerAuthor, 30, 'last', { id: 'm4' }) },
      ),
    );
    expect(texts(after)).toEqual(['old', 'm2', 'm3', 'last']);
    expect(after?.messages[0]?.message.edited, 'with what has changed').toBe(true);
    expect(after?.messages[0]?.message.body, 'and what has not as it was').toBe(old.message.body);
  });

  it('keeps the same id in two contacts apart', () => {
    const mine = said('b', customerAuthor, 50, 'of b', { id: 'm1' });
    const value = said('a', customerAuthor, 50, 'of a', { id: 'm1' });
    expect(texts(applyPatch(base([mine]), patch({ kind: 'message', value })))).toEqual(['of b', 'of a']);
  });

  it('brings new conversations into the contacts’ order', () => {
    const before = snapshot({ contacts: [chat('b'), chat('a')], conversations: [conversation('a')] });
    const after = applyPatch(before, patch({ kind: 'conversation', value: conversation('b') }));
    expect(after?.conversations.map((one) => one.key.contact)).toEqual(['b', 'a']);
  });

  it('takes conversation and messages away with the contact, and nobody else’s', () => {
    const before = base([said('b', me, 9, 'of b'), said('a', me, 8, 'of a')]);
    const key = { account: 'account-1', contact: 'b' };
    const after = applyPatch(before, patch({ kind: 'contact_gone', value: key }));
    expect(texts(after)).toEqual(['of a']);
    expect(after?.conversations.map((one) => one.key.contact)).toEqual(['a']);
  });

  it('keeps the list of messages as it is when only a frame changes: nothing is grouped anew', () => {
    const before = base([said('b', me, 9, 'one'), said('a', me, 8, 'two')]);
    const value = conversation('b', { draft: 'x' });
    expect(applyPatch(before, patch({ kind: 'conversation', value }))?.messages).toBe(before.messages);
  });

  it('takes a page of 100 older messages into 4,000 in a fraction of a second', () => {
    const many = Array.from({ length: 4000 }, (_, n) => said('b', me, 4000 - n, `${n}`));
    const page = Array.from({ length: 100 }, (_, n) => said('b', me, 9000 - n, `old ${n}`));
    const start = busy();
    const after = applyPatch(
      base(many),
      patch(...page.map((value) => ({ kind: 'message' as const, value }))),
    );
    expect(busy() - start, 'milliseconds').toBeLessThan(400);
    expect(texts(after).slice(0, 2), 'sorted in at the front').toEqual(['old 0', 'old 1']);
    expect(after?.messages).toHaveLength(4100);
  });
});

describe('the transcript', () => {
  const noon = new Date(2026, 4, 5, 12).getTime();
  const say = (id: string, at: number, author = customerAuthor, body?: Message['body']): Message => ({
    ...said('c', author, 0, body ?? id).message,
    id,
    at,
  });

  it('groups by author, by day and by pause, and keeps events as lines', () => {
    const items = thread(
      [
        say('1', noon),
        say('2', noon + 1000),
        say('3', noon + 2000, me),
        say('4', noon + 3000, me, { kind: 'event', event: 'joined' }),
        say('5', noon + 4000, me),
        say('6', noon + 5000 + togetherWithin, me),
        say('7', noon + 24 * 3_600_000, me),
      ],
      null,
    );
    const shape = items.map((item) =>
      item.kind === 'group' ? item.messages.map((message) => message.id).join('+') : item.kind,
    );
    expect(shape).toEqual(['day', '1+2', '3', 'event', '5', '6', 'day', '7']);
    expect(items.filter((item) => item.kind === 'group').map((item) => item.own)).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(new Set(items.map((item) => item.id)).size, 'every item has a key of its own').toBe(items.length);
  });

  it('tells two of the same role apart by their names', () => {
    const items = thread(
      [say('1', noon, { role: 'agent', name: 'A' }), say('2', noon, { role: 'agent', name: 'B' })],
      null,
    );
    expect(items.filter((item) => item.kind === 'group')).toHaveLength(2);
  });

  it('divides a group where the unread begins', () => {
    const items = thread([say('1', noon), say('2', noon + 1)], '2');
    expect(items.map((item) => item.kind)).toEqual(['day', 'group', 'unread', 'group']);
  });

  it('finds the first unread by counting others’ words back, past own ones and events', () => {
    const all = [
      say('1', noon),
      say('2', noon + 1),
      say('3', noon + 2, me),
      say('4', noon + 3, customerAuthor, { kind: 'event', event: 'idle' }),
      say('5', noon + 4),
    ];
    expect(firstUnread(all, 2)).toBe('2');
    expect(firstUnread(all, 0)).toBeNull();
    expect(firstUnread(all, 99), 'more than are there: the first that is').toBe('1');
    expect(below(all, '2'), 'new ones below the last seen').toBe(1);
  });

  const lines = (count: number): Message[] =>
    Array.from({ length: count }, (_, n) => say(String(n), noon + n * 10));

  it('renders the last of 4,000, and further ones from a message that stays the top', () => {
    const all = lines(4000);
    expect(windowStart(all, null)).toBe(3960);
    expect(windowStart(all, '3960', 80)).toBe(3880);
    expect(windowStart([...all, say('new', noon + 99_999)], '3700'), 'new ones do not move the top').toBe(
      3700,
    );
    expect(windowStart(lines(4019), null), 'followed at its end, the top moves in steps').toBe(3960);
    expect(windowStart(lines(4020), null)).toBe(3980);
    expect(windowStart(all.slice(0, 5), null)).toBe(0);
  });

  it('renders down to a message that stays the lowest, or to the end', () => {
    const all = lines(400);
    expect(windowEnd(all, null)).toBe(400);
    expect(windowEnd(all, '99')).toBe(100);
    expect(windowEnd(all, 'gone'), 'one that is not there any more').toBe(400);
    const shown = itemsFrom(thread(all, null), 40, 100);
    expect(shown[0]).toMatchObject({ kind: 'group', from: 40 });
    expect(shown.at(-1), 'the whole block in which it stands').toMatchObject({ kind: 'group', from: 80 });
  });

  it('keeps the blocks that are there when older messages come above them', () => {
    const all = lines(407);
    const before = thread(all.slice(100), null);
    const kept = new Set(before);
    const after = thread(all, null, before);
    expect(
      before.filter((item) => !after.includes(item)).length,
      'the day, and the first block',
    ).toBeLessThan(3);
    expect(after.filter((item) => kept.has(item)).map((item) => all[item.from]?.id)).toEqual(
      after
        .filter((item) => kept.has(item))
        .map((item) => (item.kind === 'group' ? item.messages[0]?.id : '')),
    );
    const told = after.flatMap((item) => (item.kind === 'group' ? item.messages : []));
    expect(told, 'each message once, in order').toEqual(all);
  });

  it('begins what is rendered with the whole block that the first message stands in', () => {
    const items = thread(lines(100), '50');
    expect(itemsFrom(items, 30)[0]).toMatchObject({ kind: 'group', from: 20 });
    expect(
      itemsFrom(items, 50)
        .map((item) => item.kind)
        .slice(0, 2),
      'with the mark above it',
    ).toEqual(['unread', 'group']);
    expect(itemsFrom(items, 0)[0], 'with its day').toMatchObject({ kind: 'day', from: 0 });
    expect(itemsFrom([], 0)).toEqual([]);
  });

  it('keeps every block but the last as it was when a message comes, however long one author writes', () => {
    const all = lines(4000);
    const before = thread(all, null);
    const after = thread([...all, say('new', noon + 40_001)], null, before);
    const fresh = after.filter((item) => !before.includes(item));
    expect(fresh.length, 'one block is new or has changed').toBe(1);
    expect(Math.max(...after.map((item) => (item.kind === 'group' ? item.messages.length : 1)))).toBe(20);
    const delivered = all.with(3990, { ...(all[3990] as Message), delivery: 'read' });
    const changed = thread(delivered, null, after.slice(0, before.length));
    expect(
      changed.filter((item) => !after.includes(item)).length,
      'a message that changes: its block',
    ).toBeLessThan(3);
  });
});

describe('markdown', () => {
  const flat = (blocks: Block[]): string => JSON.stringify(blocks);
  const inside = (text: string): Inline[] => {
    const [block] = markdown(text);
    return block && 'inside' in block ? block.inside : [];
  };

  it('knows bold, italics, lists and links', () => {
    expect(inside('a **b** *c*').map((part) => part.kind)).toEqual(['text', 'strong', 'text', 'em']);
    expect(markdown('- one\n- two')).toMatchObject([{ kind: 'list', ordered: false, items: [{}, {}] }]);
    expect(markdown('3. one')).toMatchObject([{ kind: 'list', ordered: true, start: 3 }]);
    expect(inside('[shop](https://shop.example/x)')).toMatchObject([
      { kind: 'link', href: 'https://shop.example/x', named: true },
    ]);
    expect(
      inside('one\ntwo').map((part) => part.kind),
      'a line break stays one',
    ).toEqual(['text', 'break', 'text']);
  });

  it('leaves markup as the text it was', () => {
    const all = flat(markdown('<script>alert(1)</script>\n\na <b onclick="x">b</b> &lt;'));
    expect(all).toContain('<script>alert(1)</script>');
    expect(all).toContain('<b onclick=');
    expect(all).toContain('&lt;');
    expect(all).not.toContain('"html"');
  });

  it('makes no link of anything but http and https', () => {
    for (const href of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'tel:1',
      'HTTPS:\\\\x',
    ])
      expect(flat(markdown(`[click](${href})`)), href).not.toContain('"link"');
    expect(flat(markdown('![pic](https://evil.example/x.png)')), 'a picture is not fetched').not.toContain(
      '"image"',
    );
    expect(webAddress('https://bank.example@evil.example/'), 'a name in front of the host').toBeNull();
    expect(webAddress('https://x.example/\u202Egpj.exe'), 'a turned writing direction').toBeNull();
  });

  it('shows the address of a link whose words are another one', () => {
    expect(inside('[https://bank.example](https://evil.example)')).toMatchObject([
      { kind: 'link', href: 'https://evil.example/', named: true },
    ]);
  });

  it('survives what is nested without end', () => {
    for (const text of [
      '>'.repeat(15_000),
      '*a '.repeat(6000),
      '['.repeat(15_000),
      '- '.repeat(5000),
      'x'.repeat(90_000),
    ]) {
      const start = busy();
      expect(markdown(text).length).toBeGreaterThan(0);
      expect(busy() - start, `milliseconds for ${text.slice(0, 4)}`).toBeLessThan(1500);
    }
  });

  it('finds addresses in plain words without the sentence’s end', () => {
    const parts = plain('See (https://a.example/x_(y)), or http://b.example.');
    expect(parts.flatMap((part) => (part.kind === 'link' ? [part.href] : []))).toEqual([
      'https://a.example/x_(y)',
      'http://b.example/',
    ]);
    expect(
      parts
        .map((part) => (part.kind === 'link' ? part.inside : [part]))
        .flat()
        .map((part) => (part.kind === 'text' ? part.text : ''))
        .join(''),
      'not a letter is lost',
    ).toBe('See (https://a.example/x_(y)), or http://b.example.');
  });
});

describe('writing', () => {
  it('counts bytes, not characters', () => {
    expect(byteLength('aé€🙂')).toBe(1 + 2 + 3 + 4);
    expect(roomLeft('a'.repeat(100), 1024), 'far from the limit').toBeNull();
    expect(roomLeft('a'.repeat(1000), 1024)).toBe(24);
    expect(roomLeft('🙂'.repeat(257), 1024), 'over by one emoji').toBe(-4);
  });

  it('checks files before they are sent, and says why', () => {
    const limits = { attachments: true, largest_file: 1024 * 1024, file_types: ['pdf', 'png'] };
    expect(fileProblem({ name: 'A.PDF', size: 9 }, limits)).toBeNull();
    expect(fileProblem({ name: 'a.exe', size: 9 }, limits)).toContain('pdf, png');
    expect(fileProblem({ name: 'pdf', size: 9 }, limits), 'no ending at all').not.toBeNull();
    expect(fileProblem({ name: 'a.pdf', size: 1024 * 1024 + 1 }, limits)).toContain('1 MB');
    expect(fileProblem({ name: 'a.pdf', size: 0 }, limits)).toContain('empty');
    expect(
      fileProblem({ name: 'a.exe', size: 9 }, { ...limits, file_types: [] }),
      'none named: any',
    ).toBeNull();
    expect(fileProblem({ name: 'a.pdf', size: 9 }, { ...limits, attachments: false })).not.toBeNull();
  });

  it('writes sizes', () => {
    expect([0, 900, 1536, 184_300, 20 * 1024 * 1024].map(fileSize)).toEqual([
      '0 B',
      '900 B',
      '1.5 KB',
      '180 KB',
      '20 MB',
    ]);
  });

  it('sets marks around what is selected', () => {
    expect(mark('say hello', 4, 9, 'bold')).toEqual({ text: 'say **hello**', from: 6, to: 11 });
    expect(mark('one\ntwo', 0, 7, 'list').text).toBe('- one\n- two');
    const link = mark('see shop', 4, 8, 'link');
    expect(link.text).toBe('see [shop](https://)');
    expect(link.text.slice(link.from, link.to), 'the address is what is missing').toBe('https://');
  });

  it('says who is writing', () => {
    expect(typingWords([])).toBe('');
    expect(typingWords([customerAuthor])).toBe('Ana Ferreira is writing…');
  });
});

describe('a draft', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const key = { account: 'account-1', contact: 'chat-1' };

  it('is kept once the agent pauses, and at once when they leave', async () => {
    const host = new MemoryHost('panel');
    const draft = new Draft(new Desk(host), key);
    draft.write('H');
    await vi.advanceTimersByTimeAsync(pace.draft - 1);
    draft.write('He');
    await vi.advanceTimersByTimeAsync(pace.draft - 1);
    expect(host.asked('conversation_draft'), 'not on every key').toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.asked('conversation_draft')).toEqual([{ contact: key, text: 'He' }]);
    draft.write('Hey');
    draft.leave();
    expect(host.asked('conversation_draft').at(-1)).toEqual({ contact: key, text: 'Hey' });
  });

  it('is there again in another composer of the same page even when it could not be kept', async () => {
    const host = new MemoryHost('panel', {
      conversation_draft: () => {
        throw rpcError('unavailable', 'error_unavailable');
      },
    });
    const desk = new Desk(host);
    const draft = new Draft(desk, key);
    draft.write('words');
    draft.leave();
    await vi.advanceTimersByTimeAsync(1);
    expect(new Draft(desk, key).first('')).toBe('words');
    draft.sent('');
    expect(new Draft(desk, key).first('words'), 'what was sent does not come back').toBe('');
  });

  it('says that the agent writes at most every three seconds', () => {
    const host = new MemoryHost('panel');
    const draft = new Draft(new Desk(host), key);
    for (let at = 0; at < 6500; at += 100) draft.typing(at);
    expect(host.asked('conversation_typing')).toHaveLength(3);
  });
});

describe('which contact is shown', () => {
  const desk = snapshot({
    contacts: [
      chat('ended', {}, { state: 'ended', allowed: ['clear'] }),
      chat('one'),
      chat('two'),
      live(),
      offered({}, { id: 'offer', channel: 'chat' }),
      finished(
        { key: { account: 'account-1', contact: 'm' } },
        { id: 'm', channel: 'chat', state: 'missed' },
      ),
    ],
    conversations: ['ended', 'one', 'two', 'offer'].map((id) => conversation(id)),
  });
  const key = (contact: string): { account: string; contact: string } => ({ account: 'account-1', contact });

  it('opens the wanted conversation, else a live one, and none while the list is wanted', () => {
    const all = chats(desk);
    expect(
      all.map((one) => one.view.key.contact),
      'an offer is not open yet',
    ).toEqual(['ended', 'one', 'two']);
    expect(openChat(all, key('two'), false)?.view.key.contact).toBe('two');
    expect(openChat(all, key('gone'), false)?.view.key.contact).toBe('one');
    expect(openChat(all, key('two'), true)).toBeUndefined();
  });

  it('gives calls to the shortcuts for calls, however many chats are older', () => {
    expect(focused(desk.contacts)?.contact.channel).toBe('voice');
    expect(focused(desk.contacts.filter((view) => view.contact.channel === 'chat'))).toBeUndefined();
  });

  it('numbers what is neither a call nor an offer, in an order that stays', () => {
    expect(switchable(desk.contacts).map((view) => view.key.contact)).toEqual(['ended', 'one', 'two', 'm']);
    const press = {
      code: 'Digit2',
      altKey: true,
      ctrlKey: false,
      metaKey: false,
      shiftKey: false,
      repeat: false,
    };
    expect(conversationOfKey(press)).toBe(2);
    expect(conversationOfKey({ ...press, altKey: false }), 'a digit alone is a tone').toBeNull();
  });

  it('goes where the core says, also to ids with a slash', () => {
    const place = new Place();
    place.list();
    place.go('contact/account-1/a/b');
    expect(place.chat).toEqual(key('a/b'));
    expect(place.overview).toBe(false);
  });
});
