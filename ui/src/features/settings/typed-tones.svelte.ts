import { remember, remembered } from '$lib/remember';

/**
 * Whether digits typed during a call, outside fields, are sent as tones. On
 * unless the agent switched it off; a single key that acts must be one that
 * can be switched off (WCAG 2.1.4).
 */
class TypedTones {
  #on = $state(remembered('typed-tones') !== 'off');

  get on(): boolean {
    return this.#on;
  }
  set on(wanted: boolean) {
    this.#on = wanted;
    remember('typed-tones', wanted ? 'on' : 'off');
  }
}

export const typedTones = new TypedTones();
