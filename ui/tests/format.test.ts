import { describe, expect, it } from 'vitest';

import {
  clockTime,
  copyAddress,
  customerAddress,
  customerTitle,
  duration,
  formatAddress,
  isoDuration,
  meterShare,
  secondsLeft,
  whenTime,
} from '../src/lib/format';
import { shortcutOf, shortcuts } from '../src/lib/shortcuts/shortcuts';
import { bridgeAddress } from '../src/lib/host/bridge';
import { Place } from '../src/lib/desk/place.svelte';

describe('timers', () => {
  it.each([
    [0, '0:00'],
    [-5000, '0:00'],
    [65_999, '1:05'],
    [3_600_000, '1:00:00'],
    [36_061_000, '10:01:01'],
  ])('%i ms is %s', (millis, text) => expect(duration(millis)).toBe(text));
  it('give whole seconds to programs', () => expect(isoDuration(65_999)).toBe('PT65S'));
  it('count down to zero and stay there', () => {
    expect(secondsLeft(10_000, 500)).toBe(10);
    expect(secondsLeft(10_000, 9_999)).toBe(1);
    expect(secondsLeft(10_000, 20_000)).toBe(0);
  });
});

describe('a number', () => {
  it('is shown readable and copied as E.164', () => {
    expect(formatAddress('+442079460123')).toBe('+44 20 7946 0123');
    expect(copyAddress('+44 (20) 7946-0123')).toBe('+442079460123');
  });
  it('is left alone when it is none', () => {
    for (const text of ['anonymous', 'sip:x@example.invalid', '+', '<b>+44</b>', '12345']) {
      expect(formatAddress(text)).toBe(text);
      expect(copyAddress(text)).toBe(text);
    }
  });
  it('is the heading when there is no name, and below the name when there is', () => {
    expect(customerTitle({ name: null, address: '+442079460123' })).toBe('+44 20 7946 0123');
    expect(customerAddress({ name: null, address: '+442079460123' })).toBeNull();
    expect(customerTitle({ name: '  ', address: null })).toBe('Unknown customer');
    expect(customerAddress({ name: 'Customer One', address: '+442079460123' })).toBe('+442079460123');
  });
});

describe('a time of day', () => {
  it('is as short as it can be, with the date on any day but this', () => {
    const at = new Date(2024, 4, 3, 9, 8, 7);
    expect(whenTime(at.getTime(), at.toDateString())).toMatch(/^9:08\sAM$/);
    expect(whenTime(at.getTime(), new Date(2024, 4, 4).toDateString())).toMatch(/^May 3, 9:08\sAM$/);
    expect(whenTime(Number.NaN, '')).toBe('not known');
  });

  it('has seconds where the moment itself is of interest, on the day itself', () => {
    const at = new Date(2024, 4, 3, 9, 8, 7);
    expect(clockTime(at.getTime(), at.toDateString())).toMatch(/^9:08:07\sAM$/);
    expect(clockTime(at.getTime(), new Date(2024, 4, 4).toDateString())).toMatch(/^May 3, 9:08\sAM$/);
  });
});

describe('a meter', () => {
  it('is empty without sound and full at full scale', () => {
    expect(meterShare(null)).toBe(0);
    expect(meterShare(0)).toBe(0);
    expect(meterShare(Number.NaN)).toBe(0);
    expect(meterShare(0.0005)).toBe(0);
    expect(meterShare(1)).toBe(1);
    expect(meterShare(0.1)).toBeCloseTo(2 / 3);
  });
});

describe('shortcuts', () => {
  const press = (change: Partial<KeyboardEvent>): ReturnType<typeof shortcutOf> =>
    shortcutOf({
      code: 'KeyA',
      altKey: true,
      ctrlKey: false,
      metaKey: false,
      shiftKey: false,
      repeat: false,
      ...change,
    });
  it('need Alt and nothing else', () => {
    expect(press({})).toBe('accept');
    expect(press({ altKey: false }), 'no single key acts').toBeNull();
    expect(press({ ctrlKey: true }), 'AltGr types letters').toBeNull();
    expect(press({ repeat: true }), 'a held key counts once').toBeNull();
    expect(press({ code: 'KeyQ' })).toBeNull();
  });
  it('are all different', () => expect(new Set(shortcuts.map((s) => s.code)).size).toBe(shortcuts.length));
});

describe('the bridge address', () => {
  it('is read from the fragment', () => {
    expect(bridgeAddress('#bridge=40123,a%2Bb')).toEqual({ port: 40123, token: 'a+b' });
    expect(bridgeAddress('#x=1&bridge=1,t')).toEqual({ port: 1, token: 't' });
  });
  it('is refused when it is none', () => {
    for (const hash of ['', '#bridge=', '#bridge=0,t', '#bridge=70000,t', '#bridge=80', '#notbridge=80,t'])
      expect(bridgeAddress(hash), hash).toBeNull();
  });
});

describe('a place', () => {
  it('is found as the core writes it, and an unknown one changes nothing', () => {
    const place = new Place();
    place.go('settings/audio');
    expect(place).toMatchObject({ tab: 'settings', section: 'audio' });
    place.go('settings/nonsense');
    expect(place.section).toBe('audio');
    place.go('nowhere/at/all');
    expect(place.tab).toBe('settings');
    place.go('contact/account-1/contact-1');
    expect(place.tab).toBe('contacts');
  });
});
