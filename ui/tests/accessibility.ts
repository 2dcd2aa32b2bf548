import axe from 'axe-core';
import { expect, it } from 'vitest';

import { states } from '../src/lib/host/states';
import { show } from './render';

/** Files that share the states between them: one file is one worker's, and this takes longest of all. */
const FILES = 2;

/**
 * Structure, names and roles of the states of one file; contrast and sizes need a real layout and are checked in the
 * browser by `npm run gallery:shots`.
 */
export function checkStates(file: number): void {
  const names = Object.keys(states).filter((_, index) => index % FILES === file);
  it.each(names)('%s has no serious accessibility fault', async (name) => {
    await show(name);
    const { violations } = await axe.run(document.body, {
      rules: { 'color-contrast': { enabled: false } },
      // What is in order need not be described.
      resultTypes: ['violations'],
    });
    const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
  });
}
