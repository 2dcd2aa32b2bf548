/** The present time for timers on screen, one tick a second for the whole page. */
class Clock {
  #now = $state(Date.now());
  #day = $state(new Date().toDateString());
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Milliseconds since 1970 by this computer's clock. */
  get now(): number {
    return this.#now;
  }

  /** The present day in the agent's zone. What only asks for the day is worked out anew at midnight, not each second. */
  get day(): string {
    return this.#day;
  }

  /** Ticks on whole seconds, so that all timers change together. */
  start(): () => void {
    const tick = (): void => {
      // Never read back what is written here: the effect that started the clock would depend on it and start it anew.
      const now = Date.now();
      this.#now = now;
      this.#day = new Date(now).toDateString();
      this.#timer = setTimeout(tick, 1000 - (now % 1000) + 5);
    };
    tick();
    return () => clearTimeout(this.#timer);
  }
}

export const clock = new Clock();
