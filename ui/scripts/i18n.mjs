// Compiles the message catalogue and fails when a language is not whole: a
// message missing or too many, other values, or a plural form missing. The
// compiler itself exits 0 and writes no messages when its message-format
// plugin cannot be loaded, and shows English where another language has nothing.
import { compile } from '@inlang/paraglide-js';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { paraglide } from '../i18n.options.js';
import { base, faults, keysOf, read } from './catalogue.mjs';

const fail = (text) => {
  console.error(`i18n: ${text}`);
  process.exit(1);
};
const { locales } = JSON.parse(readFileSync('project.inlang/settings.json', 'utf8'));
const catalogue = read('messages');
const found = faults(catalogue, locales);
if (found.length > 0) fail(`${found.length} faults in the catalogue\n${found.join('\n')}`);

await compile(paraglide);
const wanted = keysOf(catalogue[base]);
const { m } = await import(pathToFileURL(`${paraglide.outdir}/messages.js`).href);
const missing = wanted.filter((key) => typeof m[key] !== 'function');
if (missing.length > 0)
  fail(`${missing.length} of ${wanted.length} messages were not compiled, first: ${missing[0]}`);
console.log(`i18n: ${wanted.length} messages in ${locales.join(', ')}`);
