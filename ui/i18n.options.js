import { fileURLToPath } from 'node:url';

/** How the message catalogue is compiled: the same for Vite, the type check and the tests. */
export const paraglide = {
  project: fileURLToPath(new URL('./project.inlang', import.meta.url)),
  outdir: fileURLToPath(new URL('./src/lib/i18n/gen', import.meta.url)),
  // No cookie, no storage, no URL: the core says which one the agent chose (src/lib/i18n/language.svelte.ts).
  /** @type {("globalVariable" | "baseLocale")[]} */
  strategy: ['globalVariable', 'baseLocale'],
  /** @type {"locale-modules"} */
  outputStructure: 'locale-modules',
};
