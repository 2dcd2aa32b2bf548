// Screenshots of every state at three widths in both themes, and what axe and
// the layout say of each: `npm run gallery:shots [-- STATE...]` -> shots/
// In another language than English with `--language=ru` (its pictures end in
// `-ru`); fewer of them with `--themes=light` and `--widths=320,1000`, which also knows 800.
import axe from 'axe-core';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const root = new URL('../dist-gallery/', import.meta.url).pathname;
const out = new URL('../shots/', import.meta.url).pathname;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname);
  const file = join(root, path === '/' ? 'index.html' : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  // The app's own policy, so that a breach shows here first.
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy':
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; frame-src 'none'; object-src 'none'",
  });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
await mkdir(out, { recursive: true });

const index = await browser.newPage();
await index.goto(base);
const all = await index.locator('li a').allTextContents();
await index.close();
const given = process.argv.slice(2);
const option = (name, usual) =>
  (given.find((word) => word.startsWith(`--${name}=`)) ?? `=${usual}`).split('=')[1].split(',');
const [language] = option('language', 'en');
const only = given.filter((word) => !word.startsWith('--'));
const names = only.length > 0 ? all.filter((name) => only.includes(name)) : all;

let faults = 0;
const fault = (text) => {
  faults += 1;
  console.error(text);
};
const widths = option('widths', '320,400,1000');
const sizes = [
  { width: 320, height: 460 },
  { width: 400, height: 720 },
  { width: 800, height: 720 },
  { width: 1000, height: 720 },
].filter(({ width }) => widths.includes(String(width)));
const themes = option('themes', 'light,dark');
for (const theme of themes) {
  for (const size of sizes) {
    // Axe is evaluated by the debugger, which a page's policy does not bind.
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', bypassCSP: false });
    // As Tauri does with `freezePrototype`.
    await context.addInitScript(() => Object.freeze(Object.prototype));
    for (const name of names) {
      const at = `${name} ${theme} ${size.width} ${language}`;
      const page = await context.newPage();
      page.on('pageerror', (error) => fault(`${at}: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') fault(`${at}: console: ${message.text()}`);
      });
      // The incoming window's own size.
      const view = name.startsWith('incoming') ? { width: Math.min(size.width, 380), height: 300 } : size;
      await page.setViewportSize(view);
      await page.goto(`${base}#state=${name}&theme=${theme}&language=${language}`);
      await page.waitForSelector(`html[data-ready="${name}"]`, { timeout: 15_000 });
      await page.screenshot({
        path: join(out, `${name}-${size.width}-${theme}${language === 'en' ? '' : `-${language}`}.png`),
      });
      // What still moves is photographed half way: text in the colour of the other theme, for example.
      const moving = await page.evaluate(() => document.getAnimations().length);
      if (moving > 0) fault(`${at}: ${moving} animations run although motion is reduced`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) fault(`${at}: ${wide} px wider than the window`);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, a, input, select')]
          .filter((e) => !e.closest('.visually-hidden') && !e.classList.contains('visually-hidden'))
          .map((e) => ({ id: e.dataset.testid ?? e.className, box: e.getBoundingClientRect() }))
          .filter(({ id, box }) => {
            const least = id === 'accept' || id === 'decline' ? 44 : 24;
            const radio =
              String(id).startsWith('theme-') ||
              String(id).startsWith('language-') ||
              id === 'ringtone-volume';
            return !radio && box.width > 0 && (box.height < least || box.width < least);
          })
          .map(({ id, box }) => `${id} ${Math.round(box.width)}x${Math.round(box.height)}`),
      );
      if (small.length > 0) fault(`${at}: targets too small: ${small.join(', ')}`);
      await page.evaluate(axe.source);
      const found = await page.evaluate(() =>
        globalThis.axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        }),
      );
      for (const violation of found.violations) {
        if (violation.impact !== 'serious' && violation.impact !== 'critical') continue;
        fault(
          `${at}: ${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`,
        );
      }
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
server.close();
console.log(
  `gallery: ${names.length} states, ${names.length * sizes.length * themes.length} screenshots, ${faults} faults`,
);
process.exit(faults === 0 ? 0 : 1);
