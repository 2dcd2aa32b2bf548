import { Desk } from '../src/lib/desk/desk.svelte';

const running = new Set<Desk>();
const start = Desk.prototype.start;
Desk.prototype.start = function (this: Desk): Promise<void> {
  running.add(this);
  return start.call(this);
};

/** A desk that a test has started must not beat on when its page is gone. */
export function stopDesks(): void {
  running.forEach((desk) => desk.stop());
  running.clear();
}
