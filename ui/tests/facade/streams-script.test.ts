/** The script as pages load it. */
import { JSDOM } from 'jsdom';
import { join } from 'node:path';
import { createBuilder } from 'vite';
import { beforeAll, expect, test } from 'vitest';

import { first } from './streams-pictures.ts';
import { settled, type Asked, type Page } from './streams-page.ts';

let script = '';
beforeAll(async () => {
  const builder = await createBuilder({
    configFile: join(import.meta.dirname, '../../vite.facade.config.ts'),
    logLevel: 'silent',
    environments: { streams: { build: { write: false } } },
  });
  const streams = builder.environments['streams'];
  if (!streams) throw new Error('the configuration builds no streams.js');
  const built = await builder.build(streams);
  const output = Array.isArray(built)
    ? built.flatMap((one) => one.output)
    : 'output' in built
      ? built.output
      : [];
  expect(
    output.map(({ fileName }) => fileName),
    'one file',
  ).toEqual(['streams.js']);
  const [chunk] = output;
  script = chunk?.type === 'chunk' ? chunk.code : '';
}, 60_000);

test('is a plain script that says whose work is in it', () => {
  expect(() => new Function(script), 'no imports or exports are left').not.toThrow();
  expect(script.slice(0, 200), 'as the licence asks').toMatch(/amazon-connect-streams 2\.28\.2.*Apache-2\.0/);
});

test('sets connect and lily in a page within a frame, and speaks with the window around it', async () => {
  const dom = new JSDOM('<iframe></iframe>', { url: 'https://panel.example/', runScripts: 'outside-only' });
  const page = dom.window.frames[0] as unknown as Window & {
    connect: Page;
    lily: Page;
    eval(code: string): void;
  };
  const quiet = () => undefined;
  Object.assign((page as unknown as { console: Console }).console, {
    info: quiet,
    warn: quiet,
    error: quiet,
  });
  const asked: Asked[] = [];
  dom.window.postMessage = ((said: Asked) => {
    asked.push(said);
    const answer = { source: 'trunkline', v: 1, id: said.id, ok: true, result: first() };
    const { MessageEvent: Message } = page as unknown as { MessageEvent: typeof MessageEvent };
    page.dispatchEvent(new Message('message', { data: answer, source: dom.window as unknown as Window }));
  }) as typeof dom.window.postMessage;
  page.eval(script);
  expect(page.lily, 'the old name').toBe(page.connect);
  page.connect.core.initCCP(page.document.body, { ccpUrl: 'https://example.my.connect.aws/ccp-v2/' });
  let agent = '';
  page.connect.agent((one: Page) => (agent = one.getName()));
  await settled();
  expect(
    asked.map(({ op }) => op),
    'the panel is asked',
  ).toEqual(['init']);
  expect(agent, 'and has told who the agent is').toBe('Carla Example');
  dom.window.close();
});
