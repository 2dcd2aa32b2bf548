import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'svelte/compiler';
import { describe, expect, it, vi } from 'vitest';

import { base, faults, keysOf, read } from '../scripts/catalogue.mjs';
import { locales } from '../src/lib/i18n/catalogue';
import { isKnown, m, textOf } from '../src/lib/i18n';
import type { MediaFailure } from '../src/lib/rpc/gen';

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (path.endsWith(join('lib', 'i18n', 'gen')) || path.endsWith(join('rpc', 'gen'))) return [];
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files('src');
const catalogue = read('messages');
const english = keysOf(catalogue[base] ?? {});
const rustSources = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'target' || name === 'tests' || name === 'node_modules') return [];
    return statSync(path).isDirectory() ? rustSources(path) : path.endsWith('.rs') ? [path] : [];
  });

/** Keys that the core sends as text; `tests` name those it is known to send. */
const families = ['notice_', 'link_reason_', 'error_', 'limit_', 'field_'];

describe('the catalogue', () => {
  it('is what the page speaks', () => {
    expect(english.length).toBeGreaterThan(300);
    expect(english.filter((key) => !isKnown(key))).toEqual([]);
  });

  it('is whole in every language', () => {
    expect(Object.keys(catalogue)).toEqual(['en', 'ru']);
    expect(locales).toEqual(['en', 'ru']);
    expect(faults(catalogue, locales)).toEqual([]);
  });

  it('holds nothing that no source uses', () => {
    const all = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
    const unused = english.filter(
      (key) =>
        ![...families, 'native_'].some((family) => key.startsWith(family)) &&
        !new RegExp(`\\bm\\.${key}\\b`).test(all),
    );
    expect(unused).toEqual([]);
    // What the shell shows without a page.
    const shell = rustSources(join('..', 'src-tauri', 'src'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const native = english.filter((key) => key.startsWith('native_'));
    expect(native.length).toBeGreaterThan(20);
    expect(native.filter((key) => !shell.includes(`"${key}"`))).toEqual([]);
  });

  it('has a text for every key in the Rust sources', () => {
    const sent = new Set(
      rustSources(join('..', 'src-tauri'))
        .map((path) => readFileSync(path, 'utf8').split(/#\[cfg\(test\)\]\s*mod/)[0] ?? '')
        .flatMap((text) => [
          ...text.matchAll(/"((?:notice|link_reason|error|limit|field)_[a-z0-9_]*[a-z0-9])"/g),
        ])
        .map((hit) => hit[1] ?? ''),
    );
    expect(sent.size, 'the sources were found').toBeGreaterThan(5);
    // A command, an error code, and members of a platform's answer, which look like keys.
    const noKeys = ['notice_dismiss', 'limit_reached', 'error_detail', 'error_message'];
    expect([...sent].filter((key) => !isKnown(key) && !noKeys.includes(key)).sort()).toEqual([]);
  });

  it('has a text for every key that the core puts together', () => {
    const kinds = [
      'accept',
      'reject',
      'clear',
      'end',
      'hold',
      'resume',
      'digits',
      'mute_party',
      'unmute_party',
      'set_state',
      'dial',
      'add_party',
      'conference',
      'swap',
      'transfer',
      'pause',
      'unpause',
      'listen',
      'barge_in',
      'set_media',
      'consult',
      'wrap_up',
      'end_consult',
      'link_customer',
      'rename',
      'ban',
      'unban',
      'edit_message',
      'remove_message',
      'monitor',
      'whisper',
      'subscribe_list',
      'take_work',
      'close_work',
      'choose_line',
      'answer_challenge',
      'create_task',
      'report_issue',
      'set_preferences',
      'sign_in',
      'sign_out',
    ];
    const keys = [
      ...kinds.flatMap((kind) => [`notice_command_failed_${kind}`, `notice_command_unconfirmed_${kind}`]),
      ...['dial', 'add_party', 'transfer', 'consult'].flatMap((kind) =>
        ['bad_target', 'not_allowed', 'limit_reached'].map((why) => `notice_command_${why}_${kind}`),
      ),
      ...['set_state', 'set_media'].map((kind) => `notice_command_not_possible_${kind}`),
      ...['microphone', 'speaker', 'ringer'].flatMap((role) =>
        ['lost', 'fallback', 'back', 'none'].map((what) => `notice_${role}_${what}`),
      ),
      ...Object.keys({
        ice_gathering_timeout: 1,
        signalling_connect: 1,
        signalling_handshake: 1,
        user_busy: 1,
        call_not_found: 1,
        invalid_remote_description: 1,
        no_remote_candidate: 1,
        offer: 1,
        path_lost: 1,
        too_many_sessions: 1,
      } satisfies Record<MediaFailure, 1>).map((failure) => `notice_media_${failure}`),
    ];
    expect(keys.filter((key) => !isKnown(key))).toEqual([]);
  });
});

describe('a key that the core sent', () => {
  it('gives its text with its values', () => {
    expect(textOf('notice', 'notice_missed', { customer: 'Customer One' })).toBe(
      'You missed a contact from Customer One.',
    );
  });
  it('never shows a raw key, and is logged once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(textOf('notice', 'notice_of_a_newer_core')).toBe(m.notice_generic());
    expect(textOf('notice', 'notice_of_a_newer_core')).toBe(m.notice_generic());
    expect(textOf('error', 'mute'), 'a key of another family is not taken').toBe(m.error_generic());
    expect(textOf('notice', 'constructor')).toBe(m.notice_generic());
    expect(warn).toHaveBeenCalledTimes(3);
    warn.mockRestore();
  });
  it('leaves out values that did not come', () => {
    expect(textOf('notice', 'notice_missed')).toBe('You missed a contact from ….');
  });
  it('treats values as text', () => {
    expect(textOf('notice', 'notice_missed', { customer: '<b>{account}</b>' })).toContain('<b>{account}</b>');
  });
});

describe('components', () => {
  const worded = new Set([
    'aria-label',
    'title',
    'placeholder',
    'alt',
    'aria-valuetext',
    'aria-description',
    'label',
    'hint',
    'text',
    'note',
  ]);
  interface Node {
    type: string;
    data?: string;
    name?: string;
    value?: unknown;
    [key: string]: unknown;
  }
  /** Texts with letters that stand in the markup itself. */
  function hardCoded(node: unknown, found: string[]): string[] {
    if (Array.isArray(node)) for (const one of node) hardCoded(one, found);
    else if (typeof node === 'object' && node !== null) {
      const here = node as Node;
      if (here.type === 'Text' && /\p{L}/u.test(here.data ?? '')) found.push((here.data ?? '').trim());
      // Style is no text, and neither are class names.
      if (here.type === 'StyleDirective') return found;
      if (here.type === 'Attribute' && !worded.has(here.name ?? '')) {
        if (Array.isArray(here.value) || here.value === true) return found;
      }
      for (const [key, value] of Object.entries(here))
        if (key !== 'css' && key !== 'metadata') hardCoded(value, found);
    }
    return found;
  }
  const parts = sources.filter((path) => path.endsWith('.svelte'));

  it('hold no text of their own', () => {
    expect(parts.length).toBeGreaterThan(25);
    for (const path of parts) {
      const { fragment } = parse(readFileSync(path, 'utf8'), { modern: true, filename: path });
      expect(hardCoded(fragment, []), path).toEqual([]);
    }
  });

  it('and the check finds text when there is some', () => {
    const { fragment } = parse('<p class="x" title="Hello">{m.x()} <b>World</b></p>', { modern: true });
    expect(hardCoded(fragment, [])).toEqual(['Hello', 'World']);
  });

  it('never render text as markup', () => {
    for (const path of parts) expect(readFileSync(path, 'utf8'), path).not.toMatch(/\{@html|innerHTML/);
  });
});
