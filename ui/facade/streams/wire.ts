/**
 * The messages between a page and the panel, for the Streams surface.
 *
 * Page to panel: `{source: 'trunkline-streams', v: 1, id, op, …}`. Panel to page: an answer with the same `id`, or an event.
 */

/** `source` of what pages say. */
export const PAGE = 'trunkline-streams';
/** `source` of what the panel says. */
export const PANEL = 'trunkline';
/** Version of the messages. */
export const WIRE_VERSION = 1;
/** As long as the vendor's own client waits for its service. */
export const CALL_TIMEOUT_MS = 120_000;

/** Why the panel did not do something: `type` is the vendor's name of such an error, where it has one. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** The two ends of the line: the page's window, and the window that is asked. */
export interface Ends {
  /** Hears the answers. */
  page: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  /** Hears the questions. */
  panel: Pick<Window, 'postMessage'>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Refused): void;
  timer: ReturnType<typeof setTimeout>;
}

type Said = Record<string, unknown>;

/** The line to the panel: questions with their answers, and events. */
export class PanelLine {
  private readonly waiting = new Map<string, Waiting>();
  private last = 0;
  private readonly hear = (message: Event): void => this.take(message as MessageEvent);

  constructor(
    private readonly ends: Ends,
    private readonly onEvent: (event: string, data: unknown) => void,
  ) {
    ends.page.addEventListener('message', this.hear);
  }

  /** Asks, and waits for the answer. Fails with {@link Refused}. */
  ask(op: string, body: Said, timeout: number = CALL_TIMEOUT_MS): Promise<unknown> {
    this.last += 1;
    const id = `s-${this.last}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Refused('TimeoutError', `The panel did not answer within ${timeout} ms.`));
      }, timeout);
      this.waiting.set(id, { resolve, reject, timer });
      try {
        // What cannot be written down is refused here, not lost on the way.
        const message = JSON.parse(
          JSON.stringify({ ...body, source: PAGE, v: WIRE_VERSION, id, op }),
        ) as Said;
        this.ends.panel.postMessage(message, '*');
      } catch (error) {
        this.settle(id)?.reject(new Refused('ValidationException', String(error)));
      }
    });
  }

  /** Hears nothing from now on; what waits is refused. */
  close(): void {
    this.ends.page.removeEventListener('message', this.hear);
    for (const id of [...this.waiting.keys()]) {
      this.settle(id)?.reject(new Refused('TerminatedException', 'The page has ended its session.'));
    }
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting) clearTimeout(waiting.timer);
    this.waiting.delete(id);
    return waiting;
  }

  private take(message: MessageEvent): void {
    // Only the window that holds the page may speak for the panel: frames inside the page must not.
    if (message.source !== (this.ends.panel as unknown)) return;
    const said: unknown = message.data;
    if (!isSaid(said) || said['source'] !== PANEL || said['v'] !== WIRE_VERSION) return;
    if (typeof said['event'] === 'string' && said['id'] === undefined)
      this.onEvent(said['event'], said['data']);
    else if (typeof said['id'] === 'string') this.answer(said['id'], said);
  }

  private answer(id: string, said: Said): void {
    const waiting = this.settle(id);
    if (!waiting) return;
    if (said['ok'] === true) {
      waiting.resolve(said['result']);
      return;
    }
    const error = isSaid(said['error']) ? said['error'] : {};
    waiting.reject(
      new Refused(
        typeof error['type'] === 'string' ? error['type'] : 'InternalServiceError',
        typeof error['message'] === 'string' ? error['message'] : 'The panel gave no reason.',
      ),
    );
  }
}

/** A plain object, as opposed to a list, a text or nothing. */
export function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
