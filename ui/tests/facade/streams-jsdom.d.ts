/** What the tests use of jsdom, which has no typings of its own. */
declare module 'jsdom' {
  export class JSDOM {
    constructor(html: string, options?: { url?: string; runScripts?: 'outside-only' | 'dangerously' });
    readonly window: Window & typeof globalThis & { eval(code: string): unknown };
  }
}
