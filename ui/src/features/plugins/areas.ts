import { toRpcError } from '$lib/host/host';
import { warn } from '$lib/log';
import type { ArrangePlugins, PluginArea, PluginId } from '$lib/rpc/gen';

/** A plugin and the box that its page fills. */
export interface Framed {
  plugin: PluginId;
  box: HTMLElement;
}

/** Whole pixels inside the box: a web view has no half ones. */
function areaOf(box: HTMLElement): PluginArea | null {
  const { left, top, right, bottom } = box.getBoundingClientRect();
  const [x, y] = [Math.ceil(left), Math.ceil(top)];
  const [width, height] = [Math.floor(right) - x, Math.floor(bottom) - y];
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/**
 * Tells the core where plugins are seen. Measured at most once a frame, told when it differs. A hidden page has no
 * frames: what was told last holds until it is seen again.
 */
export class Areas {
  #framed: Framed | null = null;
  #wide = false;
  #told: string | null = null;
  #planned = false;
  #stopped = false;

  constructor(private readonly tell: (request: ArrangePlugins) => Promise<unknown>) {}

  /** What is seen from now on; `wide`: the window is to have a second column. */
  put(framed: Framed | null, wide: boolean): void {
    this.#framed = framed;
    this.#wide = wide;
    this.changed();
  }

  /** Something may have moved. */
  changed(): void {
    if (this.#planned || this.#stopped) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      void this.#measure();
    });
  }

  /** The core may have forgotten: it is told again. */
  again(): void {
    this.#told = null;
    this.changed();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #measure(): Promise<void> {
    if (this.#stopped || document.visibilityState !== 'visible') return;
    const area = this.#framed && areaOf(this.#framed.box);
    const places = this.#framed && area ? { [this.#framed.plugin]: area } : {};
    const request: ArrangePlugins = { places, wide: this.#wide };
    const text = JSON.stringify(request);
    if (text === this.#told) return;
    this.#told = text;
    try {
      await this.tell(request);
    } catch (reason) {
      if (this.#told === text) this.#told = null;
      warn('plugins could not be arranged', toRpcError(reason).code);
    }
  }
}
