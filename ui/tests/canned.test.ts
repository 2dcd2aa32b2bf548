import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { headings, inserted, languageOf, languagesOf, languageWords } from '../src/features/chat/canned';
import { canned } from '../src/lib/host/customer-states';
import { settle, show } from './render';

const composer = (): HTMLTextAreaElement => screen.getByTestId('composer');
const texts = (): (string | null)[] => screen.getAllByTestId('canned-message').map((one) => one.textContent);
beforeEach(() => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  localStorage.clear();
});
afterEach(() => vi.restoreAllMocks());

describe('canned messages', () => {
  it('are found by every word, in text and heading, without case and accents', () => {
    const textsOf = (words: string, language: string | null = null): string[] =>
      headings(canned, words, language).flatMap((group) => group.items.map((one) => one.text.slice(0, 12)));
    expect(textsOf('CAFE')).toEqual(['Would you li']);
    expect(textsOf('orders parcel')).toEqual(['I am sorry t']);
    expect(textsOf('begrussung')).toEqual(['Guten Tag! W']);
    expect(textsOf('order zebra')).toEqual([]);
    expect(textsOf('', 'de')).toHaveLength(2);
  });

  it('stand below one heading each, however the platform mixes them', () => {
    const mixed = ['a', 'b', 'a '].map((category, at) => ({ language: '', category, text: `${at}` }));
    expect(headings(mixed, '', null).map((group) => [group.category, group.items.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  it('know their languages, and forget one that is gone', () => {
    expect(languagesOf(canned)).toEqual(['en', 'de']);
    expect(languageOf(['en', 'de'], 'de')).toBe('de');
    expect(languageOf(['en'], 'en'), 'one language is no choice').toBeNull();
    expect(languageOf(['en', 'de'], 'fr')).toBeNull();
    expect(languageWords('de', 'en')).toBe('German');
    expect(languageWords('no language at all', 'en')).toBe('no language at all');
  });

  it('come in at the caret, apart from their neighbours', () => {
    expect(inserted('Hi.Bye', 3, 3, 'Mid')).toEqual({ text: 'Hi. Mid Bye', at: 8 });
    expect(inserted('', 0, 0, 'All')).toEqual({ text: 'All', at: 3 });
    expect(inserted('one two', 4, 7, 'three')).toEqual({ text: 'one three', at: 9 });
  });

  it('are put into the draft at the caret, and never sent', async () => {
    const { host } = await show('canned-open');
    await fireEvent.keyDown(screen.getByTestId('canned-search'), { key: 'Escape' });
    await fireEvent.input(composer(), { target: { value: 'Before. After' } });
    composer().setSelectionRange(8, 8);
    await fireEvent.click(screen.getByTestId('composer-canned'));
    await settle();
    expect(screen.getByTestId('canned-search')).toHaveFocus();
    await userEvent.setup().keyboard('{ArrowDown}{Enter}');
    await settle();
    expect(composer().value).toBe('Before. Thank you for waiting. I am here now. After');
    expect(composer()).toHaveFocus();
    expect(composer().selectionStart).toBe(46);
    expect(screen.queryByTestId('canned')).toBeNull();
    expect(host.asked('conversation_send')).toEqual([]);
  });

  it('say which of them Enter takes, and go round', async () => {
    await show('canned-open');
    const search = screen.getByTestId('canned-search');
    const active = (): string | null | undefined =>
      document.getElementById(search.getAttribute('aria-activedescendant') ?? '')?.textContent;
    expect(active()).toBe('Hello! How can I help you?');
    await fireEvent.keyDown(search, { key: 'ArrowUp' });
    await settle();
    expect(active()).toBe('Ihre Bestellung ist unterwegs.');
    await fireEvent.input(search, { target: { value: 'parcel' } });
    await settle();
    expect(active()).toContain('your parcel is late');
    expect(texts()).toHaveLength(1);
  });

  it('open by a slash in an empty draft, and are found by what follows it', async () => {
    const { host } = await show('canned-typed');
    expect(texts()).toEqual([
      expect.stringContaining('on its way'),
      expect.stringContaining('is late'),
      expect.stringContaining('café'),
    ]);
    expect(composer()).toHaveFocus();
    await userEvent.setup().keyboard('{ArrowDown}{Enter}');
    await settle();
    expect(composer().value, 'what was typed to search is gone').toMatch(/^I am sorry that your parcel/);
    expect(host.asked('conversation_send')).toEqual([]);
  });

  it('keep what was typed at Escape, and send nothing while nothing is found', async () => {
    const { host } = await show('canned-none');
    expect(screen.getByTestId('canned-none')).toHaveTextContent('Press Esc to write on');
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(host.asked('conversation_send'), 'a search is no message').toEqual([]);
    await fireEvent.keyDown(composer(), { key: 'Escape' });
    await settle();
    expect(screen.queryByTestId('canned')).toBeNull();
    expect(composer().value).toBe('/zebra');
    await fireEvent.input(composer(), { target: { value: '/zebra!' } });
    expect(screen.queryByTestId('canned'), 'it stays closed').toBeNull();
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    await settle();
    expect(host.asked('conversation_send').map((one) => one.text)).toEqual(['/zebra!']);
  });

  it('do not open by a slash further on, nor where the platform has none', async () => {
    await show('canned-empty');
    await fireEvent.keyDown(screen.getByTestId('canned-search'), { key: 'Escape' });
    await settle();
    await fireEvent.input(composer(), { target: { value: 'and/or' } });
    await settle();
    expect(screen.queryByTestId('canned')).toBeNull();
    document.body.innerHTML = '';
    await show('cx-chat');
    expect(screen.queryByTestId('composer-canned')).toBeNull();
    await fireEvent.input(composer(), { target: { value: '/' } });
    await settle();
    expect(screen.queryByTestId('canned')).toBeNull();
  });

  it('are read once, and again after a failure', async () => {
    const { host } = await show('canned-failed');
    expect(screen.getByTestId('canned-failed')).toHaveTextContent('Canned messages could not be read.');
    host.answers.canned_messages = () => canned;
    await fireEvent.click(screen.getByTestId('canned-retry'));
    await settle();
    expect(texts()).toHaveLength(canned.length);
    await fireEvent.click(screen.getByTestId('canned-close'));
    await fireEvent.click(screen.getByTestId('composer-canned'));
    await settle();
    expect(texts()).toHaveLength(canned.length);
    expect(host.asked('canned_messages')).toEqual([{ account: 'account-1' }, { account: 'account-1' }]);
  });

  it('remember the language that was chosen', async () => {
    await show('canned-open');
    await fireEvent.change(screen.getByTestId('canned-language'), { target: { value: 'de' } });
    await settle();
    expect(texts()).toHaveLength(2);
    document.body.innerHTML = '';
    await show('canned-open');
    expect(texts()).toHaveLength(2);
    expect(screen.getByTestId('canned-language')).toHaveValue('de');
  });

  it('go to colleagues where one writes to colleagues', async () => {
    const { host } = await show('canned-internal');
    await fireEvent.click(
      within(screen.getByTestId('canned')).getAllByTestId('canned-message')[0] as HTMLElement,
    );
    await settle();
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    await settle();
    expect(host.asked('conversation_send')).toMatchObject([
      { internal: true, text: 'Hello! How can I help you?' },
    ]);
  });
});
