import { beforeEach, describe, expect, it } from 'vitest';

import { Begun, identityOf, LONGEST_NOTE, Notebook, same } from '../../plugins/call-notes/notes.ts';
import { CallNotes } from '../../plugins/call-notes/view.ts';
import type { Contact } from '../../plugins/shared/agent.ts';
import { contact, FakePanel, HOSTILE, page, settled, shelfOf } from './agent.ts';

const about = (customer: Contact['customer']): ReturnType<typeof identityOf> =>
  identityOf(contact('c', { customer }));

describe('who somebody is', () => {
  it('is read from what the contact tells', () => {
    expect(
      about({ ID: 'C-1', name: ' Ana  EXAMPLE', phoneNumber: '+1 (202) 555-0123', email: 'A@B.example' }),
    ).toEqual({
      id: 'C-1',
      number: '12025550123',
      email: 'a@b.example',
      name: 'ana example',
    });
    expect(about({ phoneNumber: 'visitor-4711', name: ' ' }), 'nobody can tell').toBeUndefined();
  });

  it.each([
    ['the same id, another number', { id: '1', number: '111111111' }, { id: '1', number: '222222222' }, true],
    [
      'another id, the same number',
      { id: '1', number: '111111111' },
      { id: '2', number: '111111111' },
      false,
    ],
    ['an id that came later', { number: '12025550123' }, { id: '1', number: '2025550123' }, true],
    ['the same address', { email: 'a@b.example' }, { email: 'a@b.example', number: '1' }, true],
    ['a name alone', { name: 'ana' }, { name: 'ana', number: '111111111' }, true],
    ['two with one name', { name: 'ana', number: '222222222' }, { name: 'ana', number: '111111111' }, false],
    ['nothing in common', { name: 'ana' }, { number: '111111111' }, false],
  ])('%s', (_, one, other, result) => {
    expect(same(one, other), 'one way').toBe(result);
    expect(same(other, one), 'and the other').toBe(result);
  });
});

describe('the notebook', () => {
  it('adds, changes, takes out and puts back', () => {
    const book = new Notebook(shelfOf());
    const ana = { number: '12025550123' };
    expect([book.add(ana, ' First ', 1), book.add(ana, 'Second', 2)], 'both kept').toEqual(['kept', 'kept']);
    const [second, first] = book.about(ana);
    expect([second?.text, first?.text], 'newest first, without spaces around').toEqual(['Second', 'First']);
    book.change(first!, 'Better', 3);
    expect(book.about(ana)[1], 'with both times, in its place').toMatchObject({
      text: 'Better',
      made: 1,
      changed: 3,
    });
    book.remove(second!);
    expect(book.about(ana), 'one is left').toHaveLength(1);
    book.put(second!);
    expect(book.about(ana)[0]?.text, 'and it is back in its place').toBe('Second');
    expect(book.about({ number: '442079460958' }), 'nobody else sees them').toEqual([]);
  });

  it('keeps two of the same millisecond apart', () => {
    const book = new Notebook(shelfOf());
    book.add({ id: '1' }, 'a', 5);
    book.add({ id: '1' }, 'b', 5);
    expect(book.about({ id: '1' }), 'both').toHaveLength(2);
  });

  it('says when there is no room, and keeps what was there', () => {
    const shelf = shelfOf();
    const book = new Notebook(shelf);
    book.add({ id: '1' }, 'There', 1);
    const [note] = book.about({ id: '1' });
    shelf.room = 120;
    expect(book.add({ id: '1' }, 'x'.repeat(200), 2), 'a new one').toBe('full');
    expect(book.change(note!, 'x'.repeat(200), 2), 'a longer one').toBe('full');
    expect(book.about({ id: '1' }), 'the old one is as it was').toEqual([note]);
    expect(new Notebook(undefined).add({ id: '1' }, 'x', 1), 'no store at all').toBe('nowhere');
  });

  it('passes over what it cannot read', () => {
    const shelf = shelfOf();
    const book = new Notebook(shelf);
    for (const [key, text] of [
      ['note:a', '{"text":'],
      ['note:b', 'null'],
      ['note:c', '{"text":5,"made":1,"about":{"id":"1"}}'],
      ['note:d', '{"text":"no one","made":1,"about":7}'],
      ['other', '{"text":"x","made":1,"about":{"id":"1"}}'],
    ] as const) {
      shelf.setItem(key, text);
    }
    book.add({ id: '1' }, 'Good', 2);
    expect(
      book.about({ id: '1' }).map((note) => note.text),
      'the good one',
    ).toEqual(['Good']);
  });

  it('takes no novels', () => {
    const book = new Notebook(shelfOf());
    book.add({ id: '1' }, 'x'.repeat(LONGEST_NOTE + 10), 1);
    expect(book.about({ id: '1' })[0]?.text.length, 'cut').toBe(LONGEST_NOTE);
  });

  it('keeps words begun, as far as there is room', () => {
    const shelf = shelfOf();
    const begun = new Begun(shelf);
    begun.keep('c-1', 'Half a sen');
    expect(new Begun(shelf).read('c-1'), 'over a reload').toBe('Half a sen');
    begun.keep('c-1', '');
    expect(shelf.length, 'nothing is kept of nothing').toBe(0);
    shelf.room = 0;
    expect(() => begun.keep('c-1', 'more'), 'a full store stops nobody').not.toThrow();
  });
});

describe('the page', () => {
  let panel: FakePanel;
  let place: HTMLElement;
  let shelf: ReturnType<typeof shelfOf>;
  let now: number;
  const start = (): Promise<void> => new CallNotes(panel.agent, place, shelf, () => (now += 60_000)).start();
  const one = <Kind extends HTMLElement>(test: string): Kind => {
    const found = place.querySelector<Kind>(test);
    if (found === null) throw new Error(`no ${test} in ${place.innerHTML}`);
    return found;
  };
  const write = (text: string, into = '#new-note'): void => {
    const area = one<HTMLTextAreaElement>(into);
    area.value = text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const press = (text: string): void => {
    const found = [...place.querySelectorAll('button')].find((button) => button.textContent === text);
    if (found === undefined) throw new Error(`no ${text} in ${place.textContent}`);
    found.click();
  };
  const add = (text: string): void => {
    write(text);
    press('Add note');
  };
  const notes = (): string[] =>
    [...place.querySelectorAll('.note .text')].map((text) => text.textContent ?? '');

  beforeEach(() => {
    panel = new FakePanel();
    panel.contact = contact('c-1');
    place = page();
    shelf = shelfOf();
    now = Date.UTC(2026, 10, 22, 9, 0);
    document.title = '';
  });

  it('has nothing to note about until there is a contact', async () => {
    panel.contact = null;
    await start();
    expect(place.textContent, 'nobody').toContain('No contact yet');
    panel.tell('incoming_call', { contact: contact('c-1', { customer: {} }) });
    expect(place.textContent, 'somebody of whom nothing is known').toContain('Nobody to note about');
  });

  it('keeps notes, newest first, with their dates, and counts them in the title', async () => {
    await start();
    expect(place.textContent, 'none yet').toContain('No notes about this customer yet.');
    expect(one<HTMLButtonElement>('.writing button').disabled, 'nothing to keep').toBe(true);
    add('First');
    add('Second\nline');
    expect(notes(), 'both').toEqual(['Second\nline', 'First']);
    expect(one('time').getAttribute('datetime'), 'when').toBe('2026-11-22T09:02:00.000Z');
    expect(one('time').textContent, 'for people').toContain('22 Nov 2026');
    expect(one<HTMLTextAreaElement>('#new-note').value, 'ready for the next').toBe('');
    expect(
      panel.setTitleTag.mock.calls.map(([title]) => title),
      'each change once',
    ).toEqual(['Notes', 'Notes (1)', 'Notes (2)']);
  });

  it('has them again when the customer writes instead of calling, after a reload', async () => {
    await start();
    add('Calls about the order');
    write('Half a sen');
    panel = new FakePanel();
    panel.contact = contact('c-1');
    place = page();
    await start();
    expect(one<HTMLTextAreaElement>('#new-note').value, 'words begun').toBe('Half a sen');
    const chat = {
      channel: 'CHAT' as const,
      customer: { phoneNumber: '(202) 555-0123', name: 'ana example' },
    };
    panel.tell('contact_updated', { contact: contact('t-1', chat) });
    expect(notes(), 'the same customer').toEqual(['Calls about the order']);
    expect(one<HTMLTextAreaElement>('#new-note').value, 'but words of another contact').toBe('');
    panel.tell('contact_updated', {
      contact: contact('t-2', { channel: 'CHAT', customer: { phoneNumber: '+442079460958', name: 'Ben' } }),
    });
    expect(notes(), 'nobody else’s').toEqual([]);
  });

  it('changes a note, and leaves it alone when that is cancelled', async () => {
    await start();
    add('First');
    press('Edit');
    expect(document.activeElement?.id, 'the keyboard goes to the field').toBe('edited-note');
    write('Never mind', '#edited-note');
    press('Cancel');
    expect(notes(), 'as it was').toEqual(['First']);
    press('Edit');
    write('Better', '#edited-note');
    press('Save');
    expect(notes(), 'changed').toEqual(['Better']);
    expect(one('time').textContent, 'and said so').toContain('changed');
  });

  it('deletes a note and brings it back', async () => {
    await start();
    add('First');
    add('Second');
    press('Delete');
    expect(notes(), 'gone').toEqual(['First']);
    expect(document.activeElement?.textContent, 'the keyboard is on the way back').toBe('Undo');
    press('Undo');
    expect(notes(), 'in its old place').toEqual(['Second', 'First']);
    expect(place.querySelector('.undo'), 'nothing to undo any more').toBeNull();
  });

  it('says that there is no room and loses no word', async () => {
    await start();
    add('Short');
    shelf.room = 200;
    add('x'.repeat(300));
    expect(one('[role=alert]').textContent, 'said').toContain('there is no room left');
    expect(one<HTMLTextAreaElement>('#new-note').value.length, 'the words are there').toBe(300);
    press('Edit');
    write('y'.repeat(300), '#edited-note');
    press('Save');
    expect(one<HTMLTextAreaElement>('#edited-note').value.length, 'there as well').toBe(300);
    expect(one('.editing [role=alert]').textContent, 'and said where it is').toContain('no room');
    shelf.room = Infinity;
    press('Save');
    expect(notes(), 'with room it goes').toEqual(['y'.repeat(300)]);
  });

  it('says that nothing can be kept where there is no store', async () => {
    await new CallNotes(panel.agent, place, undefined, () => 1).start();
    expect(one('[role=alert]').textContent, 'instead of losing notes').toContain('Notes cannot be kept here');
    expect(place.querySelector('textarea'), 'and takes none').toBeNull();
  });

  it('does not disturb the agent’s writing when the contact changes', async () => {
    await start();
    write('Half a sentence');
    const area = one<HTMLTextAreaElement>('#new-note');
    area.focus();
    area.setSelectionRange(4, 6);
    panel.tell('contact_updated', { contact: contact('c-1', { attributes: { a: 'b' } }) });
    await settled();
    const after = document.activeElement as HTMLTextAreaElement;
    expect([after.id, after.value, after.selectionStart, after.selectionEnd], 'words and caret').toEqual([
      'new-note',
      'Half a sentence',
      4,
      6,
    ]);
  });

  it('warns where only the name is known', async () => {
    panel.contact = contact('c-1', { channel: 'CHAT', customer: { name: 'Светлана' } });
    panel.language = 'ru';
    await start();
    write('Спрашивала про воскресенье');
    press('Добавить');
    expect(one('.caution').textContent, 'it can be another of that name').toContain('Известно только имя');
    expect(panel.setTitleTag, 'in Russian').toHaveBeenLastCalledWith('Заметки (1)');
  });

  it('shows hostile text as text', async () => {
    panel.contact = contact('c-1', { customer: { name: HOSTILE, phoneNumber: '+12025550123' } });
    await start();
    add(HOSTILE);
    expect(place.querySelector('img, script'), 'nothing of it became an element').toBeNull();
    expect([one('h1').textContent, notes()], 'name and note as they were written').toEqual([
      HOSTILE,
      [HOSTILE],
    ]);
    expect((window as { harmed?: number }).harmed, 'and nothing ran').toBeUndefined();
  });
});
