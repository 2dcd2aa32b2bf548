import '@testing-library/jest-dom/vitest';

import { cleanup } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

import { Desk } from '$lib/desk/desk.svelte';
import { loadPhones } from '$lib/format/phone.svelte';
import { language } from '$lib/i18n';

// What the page gets when it is wanted is there at once, so that a test need not wait for it.
await Promise.all((['en', 'ru'] as const).map((locale) => language.load(locale)));
await language.ready();
await loadPhones();

// A desk that a test has started must not beat on when its page is gone.
const running = new Set<Desk>();
const start = Desk.prototype.start;
Desk.prototype.start = function (this: Desk): Promise<void> {
  running.add(this);
  return start.call(this);
};
afterEach(() => {
  cleanup();
  running.forEach((desk) => desk.stop());
  running.clear();
});

// What jsdom lacks of a browser, as far as the page uses it.
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
);
Element.prototype.scrollIntoView = () => undefined;
HTMLCanvasElement.prototype.getContext = () => null;
