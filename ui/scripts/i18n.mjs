// Compiles the message catalogue and fails when messages are missing. The
// compiler itself exits 0 and writes no messages when its message-format
// plugin cannot be loaded.
import { compile } from '@inlang/paraglide-js';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { paraglide } from '../i18n.options.js';

await compile(paraglide);
const source = JSON.parse(readFileSync('messages/en.json', 'utf8'));
const wanted = Object.keys(source).filter((key) => !key.startsWith('$'));
const { m } = await import(pathToFileURL(`${paraglide.outdir}/messages.js`).href);
const missing = wanted.filter((key) => typeof m[key] !== 'function');
if (missing.length > 0) {
  console.error(
    `i18n: ${missing.length} of ${wanted.length} messages were not compiled, first: ${missing[0]}`,
  );
  process.exit(1);
}
console.log(`i18n: ${wanted.length} messages`);
