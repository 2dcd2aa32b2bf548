import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Drafts, EMPTY, LONGEST_NOTE, missing, saved, topicsOf } from '../../plugins/disposition/form.ts';
import { DispositionForm } from '../../plugins/disposition/view.ts';
import { contact, FakePanel, HOSTILE, page, settled, shelfOf } from './agent.ts';

const filled = { result: 'callback', topic: 'Return', note: 'Tuesday' } as const;

describe('the answers', () => {
  it('need a result and a topic, no note', () => {
    expect(missing(EMPTY), 'both').toEqual(['result', 'topic']);
    expect(missing({ ...filled, note: '' }), 'none').toEqual([]);
  });

  it('are read from the contact only where they are in order', () => {
    const of = (attributes: Record<string, string>): unknown => saved(contact('c', { attributes }));
    expect(of({ disposition: 'callback', disposition_topic: 'Return', disposition_note: 'Tuesday' })).toEqual(
      filled,
    );
    expect(of({ disposition: 'callback' }), 'what is missing is empty').toEqual({
      ...filled,
      topic: '',
      note: '',
    });
    expect(of({ disposition: 'sold' }), 'somebody else’s value is none of ours').toBeUndefined();
    expect(saved(undefined), 'no contact').toBeUndefined();
  });

  it('have the topics of the setting, or the usual ones', () => {
    expect(topicsOf(' A, B ,,A\nC', ['usual']), 'each once').toEqual(['A', 'B', 'C']);
    expect([topicsOf('', ['usual']), topicsOf(' , ', ['usual']), topicsOf(undefined, ['usual'])]).toEqual([
      ['usual'],
      ['usual'],
      ['usual'],
    ]);
  });
});

describe('drafts', () => {
  it('keep the newest fifty', () => {
    const shelf = shelfOf();
    const drafts = new Drafts(shelf);
    for (let n = 0; n < 60; n += 1) drafts.keep(`c-${n}`, filled, n);
    expect(shelf.length, 'no more').toBe(50);
    expect([drafts.read('c-9'), drafts.read('c-10')], 'the oldest go').toEqual([undefined, filled]);
  });

  it('are not shaken by what else is there, nor by having no room', () => {
    const shelf = shelfOf();
    shelf.setItem('draft:broken', '{"result":');
    shelf.setItem('draft:strange', '{"result":"sold","topic":5,"note":{}}');
    shelf.setItem('draft:long', JSON.stringify({ note: 'x'.repeat(LONGEST_NOTE + 1) }));
    const drafts = new Drafts(shelf);
    expect(drafts.read('broken'), 'half a text is none').toBeUndefined();
    expect(drafts.read('strange'), 'values of the wrong type are empty').toEqual(EMPTY);
    expect(drafts.read('long')?.note.length, 'and none is too long').toBe(LONGEST_NOTE);
    shelf.room = 10;
    expect(() => drafts.keep('c-1', filled, 1), 'a full store stops nobody').not.toThrow();
    expect(new Drafts(undefined).read('c-1'), 'no store, no draft').toBeUndefined();
  });
});

describe('the form', () => {
  let panel: FakePanel;
  let place: HTMLElement;
  let shelf: ReturnType<typeof shelfOf>;
  const start = (): Promise<void> => new DispositionForm(panel.agent, place, shelf, () => 1).start();
  const one = <Kind extends HTMLElement>(test: string): Kind => {
    const found = place.querySelector<Kind>(test);
    if (found === null) throw new Error(`no ${test} in ${place.innerHTML}`);
    return found;
  };
  const fill = ({ result, topic, note }: { result: string; topic: number; note: string }): void => {
    one<HTMLInputElement>(`[value=${result}]`).click();
    const select = one<HTMLSelectElement>('#topic');
    select.selectedIndex = topic;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    const area = one<HTMLTextAreaElement>('#note');
    area.value = note;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const submit = async (): Promise<void> => {
    one<HTMLFormElement>('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    await settled();
  };
  const call = contact('c-1', { customer: { name: 'Ana Example' } });
  const over = async (): Promise<void> => {
    panel.tell('call_ended', { contactId: 'c-1' });
    panel.tell('after_call_work', { contactId: 'c-1' });
    await settled();
  };

  beforeEach(() => {
    panel = new FakePanel();
    panel.contact = call;
    place = page();
    shelf = shelfOf();
  });

  it('waits while they talk, opens with after-contact work, and goes with its end', async () => {
    await start();
    expect(place.textContent, 'nothing to do during the call').toContain('Nothing to fill in');
    expect(panel.showPlugin, 'and nothing to be seen').not.toHaveBeenCalled();
    await over();
    expect(one('h1').textContent, 'whom it is about').toBe('Ana Example');
    expect(panel.showPlugin, 'now it is to be seen').toHaveBeenCalledTimes(1);
    expect(place.contains(document.activeElement), 'and takes no keyboard from anybody').toBe(false);
    panel.tell('after_call_work_end', { contactId: 'c-1' });
    expect(place.textContent, 'nothing to do again').toContain('Nothing to fill in');
    expect(panel.hidePlugin, 'out of sight').toHaveBeenCalledTimes(1);
  });

  it.each(['CHAT', 'TASK', 'EMAIL'] as const)('opens for a %s that has ended', async (channel) => {
    panel.contact = null;
    await start();
    panel.tell('contact_updated', { contact: contact('t-1', { channel }) });
    expect(place.querySelector('form'), 'not while it goes on').toBeNull();
    panel.tell('contact_updated', { contact: contact('t-1', { channel, state: 'ended' }) });
    expect(place.querySelector('form'), 'now').not.toBeNull();
    panel.tell('contact_updated', { contact: contact('t-1', { channel, state: 'gone' }) });
    expect(place.querySelector('form'), 'until it is put away').toBeNull();
  });

  it('asks nothing about a contact that nobody took', async () => {
    panel.contact = null;
    await start();
    panel.tell('incoming_call', { contact: contact('c-9', { state: 'offered' }) });
    panel.tell('missed_call', { contactId: 'c-9' });
    panel.tell('contact_updated', { contact: contact('t-9', { channel: 'CHAT', state: 'missed' }) });
    expect(place.querySelector('form'), 'it came to nothing').toBeNull();
  });

  it('saves onto that contact and says so', async () => {
    await start();
    await over();
    fill({ result: 'callback', topic: 2, note: ' Tuesday after three. ' });
    await submit();
    expect(panel.updateContact, 'result as a word for machines, the rest as chosen').toHaveBeenCalledWith(
      {
        disposition: 'callback',
        disposition_topic: 'Invoice and payment',
        disposition_note: 'Tuesday after three.',
      },
      'c-1',
    );
    expect(one('[data-testid=saved]').textContent, 'confirmed').toContain('Saved with the contact.');
    expect(shelf.length, 'the draft has served').toBe(0);
  });

  it('says what is missing, and is ready for it', async () => {
    await start();
    await over();
    await submit();
    expect(panel.updateContact, 'nothing is sent').not.toHaveBeenCalled();
    expect(one('#no-result').textContent, 'the result').toBe('Say what it came to.');
    expect(one('#no-topic').textContent, 'the topic').toBe('Choose a topic.');
    expect((document.activeElement as HTMLInputElement).name, 'the keyboard is where it is wanted').toBe(
      'result',
    );
    one<HTMLInputElement>('[value=resolved]').click();
    expect(one('#no-result').textContent, 'no longer missing').toBe('');
    expect(one<HTMLInputElement>('[value=resolved]').checked, 'and still chosen').toBe(true);
  });

  it('loses nothing when it cannot be saved', async () => {
    panel.updateContact.mockRejectedValueOnce(Object.assign(new Error(), { code: 'not_allowed' }));
    await start();
    await over();
    fill({ result: 'other', topic: 1, note: 'Long words' });
    await submit();
    expect(one('[role=alert].bad').textContent, 'why').toContain('may not put anything onto contacts');
    expect(one<HTMLTextAreaElement>('#note').value, 'what was written is there').toBe('Long words');
    await submit();
    expect(place.querySelector('[data-testid=saved]'), 'the second try').not.toBeNull();
  });

  it('is not sent twice', async () => {
    let finish = (): void => undefined;
    panel.updateContact.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
    await start();
    await over();
    fill({ result: 'other', topic: 1, note: '' });
    await submit();
    await submit();
    expect(one<HTMLButtonElement>('[type=submit]').disabled, 'it is on its way').toBe(true);
    expect(panel.updateContact, 'once').toHaveBeenCalledTimes(1);
    finish();
    await settled();
    expect(place.querySelector('[data-testid=saved]'), 'and arrives').not.toBeNull();
  });

  it('is there again after a reload, unsaved or saved', async () => {
    await start();
    await over();
    fill({ result: 'escalate', topic: 3, note: 'Half a sen' });
    panel = new FakePanel();
    panel.contact = { ...call, state: 'ended' };
    place = page();
    await start();
    expect(one<HTMLTextAreaElement>('#note').value, 'the note').toBe('Half a sen');
    expect(one<HTMLInputElement>('[value=escalate]').checked, 'the result').toBe(true);
    expect(one<HTMLSelectElement>('#topic').value, 'the topic').toBe('Technical problem');
    await submit();
    panel = new FakePanel();
    panel.contact = {
      ...call,
      state: 'ended',
      attributes: { disposition: 'escalate', disposition_topic: 'Mine' },
    };
    place = page();
    await start();
    expect(one('[data-testid=saved]').textContent, 'what the contact says').toContain('Escalate');
    [...place.querySelectorAll('button')].at(-1)!.click();
    expect(one<HTMLSelectElement>('#topic').value, 'a topic that is offered no more is kept').toBe('Mine');
  });

  it('stays with the contact being written about, and then goes on to the next', async () => {
    await start();
    await over();
    const area = one<HTMLTextAreaElement>('#note');
    area.focus();
    fill({ result: 'resolved', topic: 1, note: 'About Ana' });
    const chat = contact('t-1', { channel: 'CHAT', state: 'ended', customer: { name: 'Hana Specimen' } });
    panel.tell('contact_updated', { contact: chat });
    expect(one('h1').textContent, 'still her').toBe('Ana Example');
    expect(one<HTMLTextAreaElement>('#note'), 'the very field, with its caret').toBe(area);
    expect(one('.others').textContent, 'the other one is told').toBe('1 more contact waits.');
    await submit();
    one<HTMLButtonElement>('[data-testid=saved] button.main').click();
    expect(one('h1').textContent, 'the other one').toBe('Hana Specimen');
    expect(one<HTMLTextAreaElement>('#note').value, 'with a form of its own').toBe('');
    panel.tell('contact_updated', {
      contact: { ...call, state: 'ended', attributes: { disposition: 'resolved' } },
    });
    expect(place.querySelector('.others'), 'whoever is done with does not wait again').toBeNull();
  });

  it('saves with Ctrl+Enter', async () => {
    await start();
    await over();
    fill({ result: 'resolved', topic: 1, note: 'x' });
    const enter = { key: 'Enter', bubbles: true };
    one('#note').dispatchEvent(new KeyboardEvent('keydown', enter));
    await settled();
    expect(panel.updateContact, 'Enter alone is a new line').not.toHaveBeenCalled();
    one('#note').dispatchEvent(new KeyboardEvent('keydown', { ...enter, ctrlKey: true }));
    await settled();
    expect(panel.updateContact, 'with Ctrl it saves').toHaveBeenCalledTimes(1);
  });

  it('goes on when the contact goes while it is saved', async () => {
    let finish = (): void => undefined;
    panel.updateContact.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
    await start();
    await over();
    fill({ result: 'other', topic: 1, note: '' });
    await submit();
    const chat = contact('t-1', { channel: 'CHAT', state: 'ended', customer: { name: 'Hana Specimen' } });
    panel.tell('contact_updated', { contact: chat });
    panel.tell('after_call_work_end', { contactId: 'c-1' });
    finish();
    await settled();
    expect(one('h1').textContent, 'the next contact').toBe('Hana Specimen');
    expect(place.querySelector('form'), 'whose form is not the one that was saved').not.toBeNull();
  });

  it('works where nothing can be kept, where it may not be shown, and in Russian', async () => {
    panel.language = 'ru';
    panel.settings = { topics: `Доставка, ${HOSTILE}` };
    panel.showPlugin.mockRejectedValue(new Error('refused'));
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    await new DispositionForm(panel.agent, place, undefined, () => 1).start();
    await over();
    fill({ result: 'resolved', topic: 2, note: HOSTILE });
    await submit();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(one('[data-testid=saved]').textContent, 'saved, in Russian').toContain('Сохранено в обращении.');
    expect(place.querySelector('img, script'), 'hostile text is text').toBeNull();
    expect(one('[data-testid=saved]').textContent, 'and can be read').toContain(HOSTILE);
    expect(unhandled, 'a refused wish is no error').not.toHaveBeenCalled();
  });
});
