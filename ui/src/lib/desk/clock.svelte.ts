/** Some frames: what was changed before is painted by then, milliseconds. */
const late = 50;

/** The present time for timers on screen, one tick a second for the whole page. */
class Clock {
  #now = $state(Date.now());
  #late = $state(Date.now());
  #day = $state(new Date().toDateString());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;

  /** Milliseconds since 1970 by this computer's clock. */
  get now(): number {
    return this.#now;
  }

  /**
   * {@link now} some frames later, for timers that stand in the header. Two that change at once are laid
   * out and painted with all that is around both (WebKitGTK 2.50): the whole page, if one stands in the
   * header and one below, which takes eight times as long as each by itself.
   */
  get late(): number {
    return this.#late;
  }

  /** The present day in the agent's zone. What only asks for the day is worked out anew at midnight, not each second. */
  get day(): string {
    return this.#day;
  }

  /**
   * Ticks on whole seconds, so that all timers change together, while the page can be seen: the incoming
   * window is hidden most of the day.
   */
  start(): () => void {
    const stop = (): void => {
      clearTimeout(this.#timer);
      clearTimeout(this.#later);
    };
    const tick = (): void => {
      stop();
      // Never read back what is written here: the effect that started the clock would depend on it and start it anew.
      const now = Date.now();
      this.#now = now;
      this.#day = new Date(now).toDateString();
      if (document.visibilityState !== 'visible') return;
      this.#later = setTimeout(() => (this.#late = now), late);
      this.#timer = setTimeout(tick, 1000 - (now % 1000) + 5);
    };
    tick();
    document.addEventListener('visibilitychange', tick);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', tick);
    };
  }
}

export const clock = new Clock();
