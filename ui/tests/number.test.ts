import { describe, expect, it } from 'vitest';

import {
  clean,
  countBefore,
  countries,
  countryOf,
  countryToStart,
  judge,
  placeAfter,
  typed,
} from '../src/features/dial/number';
import { recentNumbers } from '../src/features/dial/recent';
import { entry } from '../src/lib/host/fixtures';

describe('a number that is pasted or typed', () => {
  it.each([
    ['+49 (30) 1234-5678', '+493012345678'],
    ['tel:+49-30-1234-5678;phone-context=x', '+493012345678'],
    ['tel:%2B44%2020%207946%200123', '+442079460123'],
    ['sip:+442079460123@example.invalid', '+442079460123'],
    ['0049 30 12345678', '+493012345678'],
    ['+44 (0)20 7946 0123', '+442079460123'],
    ['(020) 7946.0123', '02079460123'],
    ['  +1/202/555-0143\n', '+12025550143'],
    ['+49301234+5678', '+493012345678'],
    ['+٤٩٣٠١٢٣٤٥٦٧٨', '+493012345678'],
    ['+49 30 12345678', '+493012345678'],
    ['<script>1</script>', '1'],
    ['', ''],
  ])('%s is %s', (text, digits) => {
    expect(clean(text)).toEqual({ digits, left: null });
  });

  it.each([
    ['+1 202-555-0143 ext. 12', '12'],
    ['+12025550143x99', '99'],
    ['tel:+12025550143;ext=7', '7'],
    ['+12025550143,,4#', '4#'],
  ])('%s leaves the extension %s, and tells it', (text, left) => {
    expect(clean(text)).toEqual({ digits: '+12025550143', left });
  });

  it('is formatted as it grows, and shows whose it is', () => {
    expect(typed('+4930', 'US')).toEqual({ shown: '+49 30', country: 'DE' });
    expect(typed('2025550143', 'US').shown).toBe('(202) 555-0143');
    expect(typed('+1', 'CA').country, 'a shared calling code keeps the chosen country').toBe('CA');
  });

  it('is judged: too short, too long, no such country, good', () => {
    expect(judge('', 'DE')).toEqual({ kind: 'empty' });
    expect(judge('+', 'DE')).toEqual({ kind: 'empty' });
    expect(judge('+1202', 'DE')).toMatchObject({ kind: 'short' });
    expect(judge('+4930123456789012345', 'US')).toEqual({ kind: 'long', country: 'DE' });
    expect(judge('+9991234567', 'US')).toEqual({ kind: 'no_country' });
    expect(judge('03012345678', 'DE')).toMatchObject({
      kind: 'good',
      e164: '+493012345678',
      country: 'DE',
      usual: true,
    });
    expect(judge('+10005550143', 'US'), 'possible, and unusual').toMatchObject({
      kind: 'good',
      usual: false,
    });
  });

  it('keeps the caret behind the same digit', () => {
    expect(countBefore('+49 30 1', 6)).toBe(5);
    expect(placeAfter('+49 30 12345678', 5)).toBe(6);
    expect(placeAfter('+49', 9), 'never behind the end').toBe(3);
    expect(placeAfter('+49', 0)).toBe(0);
  });
});

describe('the country of a number', () => {
  it('comes from what was chosen before, else from the browser', () => {
    expect(countryOf('de-AT')).toBe('AT');
    expect(countryOf('de')).toBe('DE');
    expect(countryOf('not a locale')).toBeNull();
    expect(countryToStart('PT', ['de'])).toBe('PT');
    expect(countryToStart('XX', ['eo-001', 'de-CH'])).toBe('CH');
    expect(countryToStart(null, [])).toBe('US');
  });
  it('is in a list by name, each once', () => {
    const all = countries();
    expect(all.length).toBeGreaterThan(200);
    expect(new Set(all.map((one) => one.code)).size).toBe(all.length);
    expect(all.find((one) => one.code === 'DE')).toEqual({ code: 'DE', name: 'Germany', calling: '49' });
  });
});

describe('recent numbers', () => {
  it('are those of calls, each once, newest first; what is no number is left out', () => {
    const of = (id: string, address: string | null, change = {}) =>
      entry(id, 1, { customer: { name: null, address }, ...change });
    const found = recentNumbers(
      [
        of('1', '+442079460123'),
        of('2', 'anonymous'),
        of('3', '+44 20 7946 0123'),
        of('4', '+12025550143', { channel: 'chat' }),
        of('5', null),
        of('6', '+493012345678'),
      ],
      'US',
    );
    expect(found.map((one) => [one.entry.key.contact, one.e164])).toEqual([
      ['1', '+442079460123'],
      ['6', '+493012345678'],
    ]);
  });
});
