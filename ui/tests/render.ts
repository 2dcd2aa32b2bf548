import { render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { vi, type Mock } from 'vitest';

import Incoming from '../src/features/incoming/Incoming.svelte';
import { Settings } from '../src/features/settings/settings.svelte';
import { Desk } from '../src/lib/desk/desk.svelte';
import type { MemoryHost } from '../src/lib/host/memory';
import { act, hostFor, states, type State } from '../src/lib/host/states';
import { Theme } from '../src/lib/theme';
import App from '../src/App.svelte';

// Pages and sheets are chunks of their own. A test is about what they do, not about how
// long their first compilation takes.
await Promise.all(Object.values(import.meta.glob('../src/features/**/*.svelte')).map((load) => load()));

/** A state of the gallery, rendered. */
export async function show(
  state: State | string,
  language = 'en',
): Promise<{ host: MemoryHost; desk: Desk; container: HTMLElement }> {
  const value = typeof state === 'string' ? states[state]?.() : state;
  if (!value) throw new Error(`no state ${String(state)}`);
  const host = hostFor(value, 'system', language);
  const desk = new Desk(host);
  const settings = new Settings(new Theme());
  await settings.load(desk);
  const { container } =
    value.window === 'incoming'
      ? render(Incoming, { props: { desk } })
      : render(App, { props: { desk, settings } });
  await desk.start();
  if (value.lost) host.connection(false);
  for (const id of value.click ?? []) {
    await settle();
    await act(id);
  }
  await settle();
  return { host, desk, container };
}

/** A clipboard that a test looks into. */
export function watchClipboard(): Mock<(text: string) => Promise<void>> {
  const writeText = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  return writeText;
}

/** Lets promises and effects run. */
export async function settle(): Promise<void> {
  await tick();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await tick();
}
