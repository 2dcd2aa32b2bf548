// Fails when a language of the catalogue is not whole: a message missing or too many, other
// values, or a plural form missing. Writes the messages' types.
import { mkdirSync, writeFileSync } from 'node:fs';

import { base, faults, keysOf, parametersOf, read } from './catalogue.mjs';

const folder = 'src/lib/i18n/gen';
const catalogue = read('messages');
const locales = Object.keys(catalogue);
const found = faults(catalogue, locales);
if (found.length > 0) {
  console.error(`i18n: ${found.length} faults in the catalogue\n${found.join('\n')}`);
  process.exit(1);
}

const messages = catalogue[base];
const typeOf = (key) => {
  const values = parametersOf(messages[key]).map((name) => `${name}: string | number`);
  return `  ${key}: (${values.length > 0 ? `values: { ${values.join('; ')} }` : ''}) => string;`;
};
const keys = keysOf(messages);
mkdirSync(folder, { recursive: true });
writeFileSync(
  `${folder}/messages.ts`,
  `// Written by \`npm run i18n\` from messages/.
export type Locale = ${locales.map((locale) => `'${locale}'`).join(' | ')};

export interface Messages {
${keys.map(typeOf).join('\n')}
}
`,
);
console.log(`i18n: ${keys.length} messages in ${locales.join(', ')}`);
