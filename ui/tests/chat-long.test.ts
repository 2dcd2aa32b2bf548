import { cleanup, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, it } from 'vitest';

import { long } from '../src/lib/host/chat-states';
import * as f from '../src/lib/host/fixtures';
import type { PlacedMessage } from '../src/lib/rpc/gen';
import { busy } from './busy';
import { show } from './render';

/** One customer who writes line after line, ten seconds apart: the worst case for what stands together. */
const flood = (count: number): PlacedMessage[] =>
  Array.from({ length: count }, (_, at) =>
    f.said('chat-1', f.customerAuthor, (count - at) * 10, `Line ${at}`),
  );

interface Cost {
  /** Milliseconds for one message that comes. */
  each: number;
  /** Messages rendered anew for it. */
  anew: number;
  /** Most messages in the page at a time. */
  most: number;
}

/** Opens a conversation of so many messages, and lets further ones come. */
async function arrivals(count: number, more: number): Promise<Cost> {
  const messages = flood(count).map((placed, at) => ({ ...placed, arrival: at }));
  const { host, desk, container } = await show({
    window: 'panel',
    snapshot: f.snapshot({ ...long(0), messages }),
  });
  const transcript = screen.getByTestId('transcript');
  expect(transcript, 'the newest is there').toHaveTextContent(`Line ${count - 1}`);
  let added = 0;
  const watcher = new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes]))
      if (node instanceof HTMLElement)
        added += node.querySelectorAll('[data-message]').length + (node.matches('[data-message]') ? 1 : 0);
  });
  watcher.observe(container, { subtree: true, childList: true });
  let most = 0;
  let spent = 0;
  for (let n = 0; n < more; n += 1) {
    const one = { ...f.said('chat-1', f.customerAuthor, 0, `New ${n}`), arrival: count + n };
    const from = desk.snapshot?.revision ?? 0;
    const began = busy();
    host.push({ kind: 'patch', value: { from, to: from + 1, changes: [{ kind: 'message', value: one }] } });
    await tick();
    spent += busy() - began;
    if (n % 10 === 0) most = Math.max(most, transcript.querySelectorAll('[data-message]').length);
  }
  watcher.disconnect();
  expect(transcript, 'all of them arrived').toHaveTextContent(`New ${more - 1}`);
  cleanup();
  return { each: spent / more, anew: added / more, most };
}

it('a message costs the same in a conversation of 4,000 as in a short one', async () => {
  const short = await arrivals(160, 120);
  const huge = await arrivals(4000, 120);
  console.log('160 messages:', short, '4,000 messages:', huge);
  expect(huge.most, 'messages in the page: it does not grow').toBeLessThan(240);
  expect(huge.anew, 'what is there is not made again').toBeLessThan(1.5);
  // Both on this computer now, so that its load does not matter.
  expect(huge.each / short.each, 'times as long').toBeLessThan(3);
}, 120_000);
