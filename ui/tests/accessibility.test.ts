import axe from 'axe-core';
import { expect, it } from 'vitest';

import { states } from '../src/lib/host/states';
import { show } from './render';

// Structure, names and roles; contrast and sizes need a real layout and are
// checked in the browser by `npm run gallery:shots`.
it.each(Object.keys(states))('%s has no serious accessibility fault', async (name) => {
  await show(name);
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
});
