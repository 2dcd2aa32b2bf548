/** The present time for timers on screen, one tick a second for the whole page. */
class Clock {
  #now = $state(Date.now());
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Milliseconds since 1970 by this computer's clock. */
  get now(): number {
    return this.#now;
  }

  /** Ticks on whole seconds, so that all timers change together. */
  start(): () => void {
    const tick = (): void => {
      this.#now = Date.now();
      this.#timer = setTimeout(tick, 1000 - (this.#now % 1000) + 5);
    };
    tick();
    return () => clearTimeout(this.#timer);
  }
}

export const clock = new Clock();
