import '@testing-library/jest-dom/vitest';

import { cleanup, configure } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

import { loadPhones } from '$lib/format/phone.svelte';
import { language } from '$lib/i18n';

import { stopDesks } from './desks';

// What the page gets when it is wanted is there at once, so that a test need not wait for it.
await Promise.all((['en', 'ru'] as const).map((locale) => language.load(locale)));
await language.ready();
await loadPhones();

// The checks run at the lowest priority beside other tests: what comes late is no fault.
configure({ asyncUtilTimeout: 15_000 });

afterEach(() => {
  cleanup();
  stopDesks();
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
// A frame comes at once: what a page asks for in one is there when a test looks.
vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) =>
  setTimeout(() => run(performance.now()), 0),
);
vi.stubGlobal('cancelAnimationFrame', clearTimeout);
Element.prototype.scrollIntoView = () => undefined;
HTMLCanvasElement.prototype.getContext = () => null;
