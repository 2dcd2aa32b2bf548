import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';

import { faults, type Messages } from '../scripts/catalogue.mjs';
import { decimal, duration, formatCount, roughDuration, shortTime, whenTime } from '../src/lib/format';
import { language, m, textOf } from '../src/lib/i18n';
import { Language, resolve, tagOf } from '../src/lib/i18n/language.svelte';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
/** A space that does not break the line is a space. */
const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

afterEach(() => {
  localStorage.clear();
  language.set('en');
});

describe('a time of day', () => {
  it('has a leading zero where the clock has twenty-four hours', () => {
    const morning = new Date(2024, 4, 3, 9, 8).getTime();
    expect(plain(shortTime(morning))).toBe('9:08 AM');
    language.set('ru');
    expect(shortTime(morning)).toBe('09:08');
    expect(plain(whenTime(morning, ''))).toBe('3 мая, 09:08');
  });
});

describe('plural forms', () => {
  const numbers = [1, 2, 5, 11, 21, 22, 25, 111];

  it('of Russian follow the number', () => {
    language.set('ru');
    expect(numbers.map((count) => m.log_count({ count }))).toEqual([
      '1 запись',
      '2 записи',
      '5 записей',
      '11 записей',
      '21 запись',
      '22 записи',
      '25 записей',
      '111 записей',
    ]);
    expect(numbers.map((left) => m.wrap_up_left({ left: String(left) }))).toEqual([
      'Остался 1 символ',
      'Осталось 2 символа',
      'Осталось 5 символов',
      'Осталось 11 символов',
      'Остался 21 символ',
      'Осталось 22 символа',
      'Осталось 25 символов',
      'Осталось 111 символов',
    ]);
    expect(m.log_count({ count: 0 })).toBe('0 записей');
    expect(m.log_count({ count: 1.5 }), 'a fraction has a form of its own').toBe('1,5 записи');
    expect(plain(m.log_count({ count: 12_001 })), 'thousands stand apart').toBe('12 001 запись');
  });

  it('of English are two', () => {
    expect(numbers.map((count) => m.log_count({ count }))).toEqual([
      '1 entry',
      ...[2, 5, 11, 21, 22, 25, 111].map((count) => `${String(count)} entries`),
    ]);
    expect(m.log_count({ count: 12_001 })).toBe('12,001 entries');
  });

  it('stay words where the number did not come', () => {
    language.set('ru');
    expect(textOf('notice', 'notice_missed')).toBe('Вы пропустили обращение: ….');
    expect(language.text('log_count', {})).toBe('… записи');
  });
});

describe('the language', () => {
  it('is what was chosen, else the first of the system’s that there is, else English', () => {
    expect(resolve('ru', ['en-GB'])).toBe('ru');
    expect(resolve('system', ['de-DE', 'ru-RU', 'en'])).toBe('ru');
    expect(resolve('system', ['de-DE', 'fr'])).toBe('en');
    expect(resolve('klingon', []), 'settings of a newer version').toBe('en');
  });

  it('writes dates and numbers as the system does, if it speaks that language', () => {
    expect(tagOf('en', ['ru-RU', 'en-AU'])).toBe('en-AU');
    expect(tagOf('en', ['ru-RU'])).toBe('en-GB');
    expect(tagOf('ru', ['en-US'])).toBe('ru-RU');
  });

  it('decides how numbers and times are written', () => {
    expect([formatCount(12_345), decimal(4.25, 1)]).toEqual(['12,345', '4.3']);
    language.set('ru');
    expect([plain(formatCount(12_345)), decimal(4.25, 1)]).toEqual(['12 345', '4,3']);
    expect(plain(roughDuration(3 * 3_600_000 + 120_000))).toBe('3 ч 2 мин');
    expect(duration(125_000), 'a running clock is the same everywhere').toBe('2:05');
  });

  it('is changed in the settings at once, without losing anything, and is kept', async () => {
    const { host } = await show('chat-open');
    const user = userEvent.setup();
    await user.type(screen.getByRole('textbox'), 'Half a sentence');
    host.push({ kind: 'show', value: 'settings/panel' });
    await settle();
    await fireEvent.click(byId('language-ru'));
    await settle();
    expect(host.asked('panel_settings_save').at(-1)).toMatchObject({ language: 'ru', theme: 'system' });
    expect(document.documentElement.lang).toBe('ru');
    expect(screen.getByRole('heading', { name: 'Оформление' })).toBeInTheDocument();
    expect(byId('tab-settings')).toHaveTextContent('Настройки');
    expect(byId('language-ru'), 'nobody was led elsewhere').toBeChecked();
    expect(screen.getByText('English'), 'a language is named in itself').toHaveAttribute('lang', 'en');

    await user.click(byId('tab-contacts'));
    await settle();
    expect(screen.getByRole('textbox')).toHaveValue('Half a sentence');
    expect(screen.getByRole('textbox')).toHaveAttribute('placeholder', 'Сообщение');

    host.push({ kind: 'show', value: 'settings/panel' });
    await settle();
    await fireEvent.click(byId('language-system'));
    await settle();
    expect(document.documentElement.lang, 'the system of these tests speaks English').toBe('en');
    expect(screen.getByRole('heading', { name: 'Appearance' })).toBeInTheDocument();
  });

  it('stays until the words of the new one are there', async () => {
    const page = new Language();
    expect(page.text('nav_settings', {}), 'nothing is drawn before there are words').toBe('');
    await page.ready();
    page.set('ru');
    expect([page.locale, page.text('nav_settings', {})]).toEqual(['en', 'Settings']);
    await page.load('ru');
    await waitFor(() => expect(page.locale).toBe('ru'));
    expect([page.text('nav_settings', {}), document.documentElement.lang]).toEqual(['Настройки', 'ru']);
    page.set('en');
    expect(page.text('nav_settings', {}), 'what was loaded once is there at once').toBe('Settings');
  });

  it('stays as it was when the core refuses the change', async () => {
    const { host } = await show('settings-panel');
    host.answers.panel_settings_save = () => {
      throw Object.assign(new Error('fixed'), { code: 'invalid', message_key: 'error_enforced' });
    };
    await fireEvent.click(byId('language-ru'));
    await settle();
    expect(document.documentElement.lang).toBe('en');
  });

  it('is there at the first picture of the next run', async () => {
    await show('settings-panel', 'ru');
    expect(localStorage.getItem('trunkline.language')).toBe('ru');
    expect(screen.getByRole('heading', { name: 'Язык' })).toBeInTheDocument();
  });

  it('is that of the incoming window, too', async () => {
    await show('incoming-one', 'ru');
    expect(byId('accept')).toHaveTextContent('Принять');
  });
});

describe('the check of the catalogue', () => {
  const plural = (forms: Record<string, string>): Messages[string] => [
    {
      declarations: ['input count', 'local plural = count: plural'],
      selectors: ['plural'],
      match: Object.fromEntries(Object.entries(forms).map(([form, text]) => [`plural=${form}`, text])),
    },
  ];
  const en: Messages = {
    $schema: 'x',
    hello: 'Hello {name}',
    files: plural({ one: '{count} file', other: '{count} files' }),
  };
  const ru: Messages = {
    hello: '{name}, привет',
    files: plural({
      one: '{count} файл',
      few: '{count} файла',
      many: '{count} файлов',
      other: '{count} файла',
    }),
  };
  const found = (changed: Messages): string[] => faults({ en, ru: { ...ru, ...changed } }, ['en', 'ru']);

  it('finds nothing where nothing is wrong', () => {
    expect(found({})).toEqual([]);
  });

  it('finds what is missing, too many, or empty', () => {
    expect(faults({ en, ru: { hello: ru['hello'] ?? '' } }, ['en', 'ru'])).toEqual(['ru: files is missing']);
    expect(found({ bye: 'Пока' })).toEqual(['ru: bye is not in en']);
    expect(found({ hello: ' ' })[0]).toBe('ru: hello is empty');
    expect(faults({ en }, ['en', 'ru'])).toEqual(['ru: there is no such file']);
    expect(faults({ en, ru }, ['en'])).toEqual(["ru: is not among the project's languages"]);
  });

  it('finds other values', () => {
    expect(found({ hello: 'Привет' })).toEqual(['ru: hello takes (), en takes (name)']);
    expect(found({ hello: '{nmae}, привет' })).toEqual(['ru: hello takes (nmae), en takes (name)']);
    const { one, ...rest } = { one: '{cuont} файл', few: 'a', many: 'b', other: 'c' };
    expect(found({ files: plural({ one, ...rest }) })).toEqual([
      'ru: files has places that are not declared: cuont',
    ]);
  });

  it('finds plural forms that are missing or strange to the language', () => {
    expect(found({ files: plural({ one: 'a', other: 'b' }) })).toEqual([
      'ru: files lacks plural=few, plural=many',
    ]);
    expect(found({ files: plural({ one: 'a', two: 'x', few: 'b', many: 'c', other: 'd' }) })).toEqual([
      'ru: files has plural=two, which the language has not',
    ]);
    expect(found({ files: 'Файлов: {count}' })).toEqual(['ru: files has plural forms in one language only']);
  });
});
