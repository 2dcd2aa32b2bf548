/**
 * A page with the facade in it, and a panel that speaks the messages of the Streams surface. Each page is a window of its own
 * with the vendor's library loaded anew: that keeps its state in globals.
 */
import { JSDOM } from 'jsdom';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { adoptPanel } from '../../facade/streams/facade.ts';
import type { Connect } from '../../facade/streams/vendor.ts';

type Data = Record<string, unknown>;
/** The vendor's `connect`, as a page uses it: its typings are checked by the sample. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Page = any;

const vendor = readFileSync(
  createRequire(import.meta.url).resolve('amazon-connect-streams/release/connect-streams.js'),
  'utf8',
);

/** What a page asked of the panel. */
export interface Asked {
  source: string;
  v: number;
  id: string;
  op: string;
  version?: string;
  method?: string;
  params?: Data;
}

/** The panel's side. */
export class PanelDouble {
  readonly asked: Asked[] = [];
  readonly connect: Page;
  readonly window: JSDOM['window'];
  /** What calls are answered with, by method; a method that is not here gets an empty answer. */
  readonly answers = new Map<string, (params: Data) => Data>();
  private readonly end = { postMessage: (said: Asked) => this.hear(said) };
  private readonly listeners = new Set<(message: Event) => void>();
  private readonly dom = new JSDOM('<div id="ccp"></div>', {
    url: 'https://page.example/',
    runScripts: 'outside-only',
  });

  constructor(private readonly first: Data | undefined) {
    this.window = this.dom.window;
    const quiet = () => undefined;
    Object.assign(this.window.console, { info: quiet, log: quiet, warn: quiet, error: quiet });
    this.window.eval(vendor);
    this.connect = (this.window as unknown as { connect: Page }).connect;
    adoptPanel(this.connect as Connect, {
      panel: this.end as unknown as Window,
      page: {
        addEventListener: (_name: string, take: unknown) => void this.listeners.add(take as () => void),
        removeEventListener: (_name: string, take: unknown) => void this.listeners.delete(take as () => void),
      } as unknown as Window,
    });
  }

  /** The element that a page would give to the CCP. */
  get container(): unknown {
    return this.window.document.getElementById('ccp');
  }

  /** Tells the page something, as the panel or as somebody else. */
  say(data: Data, source: unknown = this.end): void {
    const message = Object.assign(new Event('message'), { data: structuredClone(data), source });
    for (const take of [...this.listeners]) take(message);
  }

  /** An event of the panel's. */
  event(event: string, data: unknown): void {
    this.say({ source: 'trunkline', v: 1, event, data });
  }

  /** Calls of one method that came so far: their parameters. */
  calls(method: string): Data[] {
    return this.asked
      .filter((one) => one.op === 'call' && one.method === method)
      .map(({ params }) => params ?? {});
  }

  /** Ends the page: its timers would go on. */
  close(): void {
    this.dom.window.close();
  }

  private hear(said: Asked): void {
    this.asked.push(said);
    if (said.op === 'init') {
      if (this.first) this.answer(said.id, { ok: true, result: this.first });
    } else {
      this.answer(
        said.id,
        this.answers.get(said.method ?? '')?.(said.params ?? {}) ?? { ok: true, result: {} },
      );
    }
  }

  private answer(id: string, data: Data): void {
    queueMicrotask(() => this.say({ source: 'trunkline', v: 1, id, ...data }));
  }
}

/** Lets everything happen that was put off. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
