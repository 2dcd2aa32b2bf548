import { vi } from 'vitest';

import type { Agent, Contact } from '../../plugins/shared/agent.ts';
import type { Shelf } from '../../plugins/shared/storage.ts';

/** The panel, as a plugin sees it, in the test's hands. */
export class FakePanel {
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  contact: Contact | null = null;
  settings: Record<string, string> = {};
  language = 'en';
  failure: unknown;
  readonly showPlugin = vi.fn(() => Promise.resolve());
  readonly hidePlugin = vi.fn(() => Promise.resolve());
  readonly setTitleTag = vi.fn((_title: string) => Promise.resolve());
  readonly updateContact = vi.fn((_attributes: Readonly<Record<string, string>>, _contactId?: string) =>
    Promise.resolve(),
  );

  readonly init = vi.fn(() =>
    this.failure === undefined ? Promise.resolve({ contact: this.contact }) : Promise.reject(this.failure),
  );

  on(event: string, listener: (payload: never) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: (payload: never) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  tell(event: string, payload: unknown): void {
    this.#listeners.get(event)?.forEach((listener) => listener(payload as never));
  }

  get agent(): Agent {
    return this as unknown as Agent;
  }
}

/** A contact, as the panel tells of one. */
export const contact = (id: string, more: Partial<Contact> = {}): Contact => ({
  contactId: id,
  initialContactId: id,
  channel: 'VOICE',
  attributes: {},
  customer: { ID: null, name: 'Ana Example', phoneNumber: '+12025550123', email: null },
  queue: { id: 'q-1', name: 'Sales' },
  platform: 'Amazon Connect',
  state: 'connected',
  ...more,
});

/** Text that does harm wherever it is taken for markup. */
export const HOSTILE = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';

/** The part of the page that a plugin fills. */
export function page(): HTMLElement {
  document.body.replaceChildren(document.createElement('main'));
  return document.querySelector('main')!;
}

/** A store with room for so many characters. */
export function shelfOf(room = Infinity): Shelf & { room: number } {
  const kept = new Map<string, string>();
  return {
    room,
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem(key, value) {
      const others = [...kept].filter(([name]) => name !== key);
      const used = others.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
      if (used + key.length + value.length > this.room) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
  };
}

/** Lets promises that are settled go on. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
