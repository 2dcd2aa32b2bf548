/** How the message catalogue is compiled: the same for Vite, the type check and the tests. */
export const paraglide = {
  project: './project.inlang',
  outdir: './src/lib/i18n/gen',
  // No cookie, no storage, no URL: one language so far; the core will say which one the agent chose.
  /** @type {("globalVariable" | "baseLocale")[]} */
  strategy: ['globalVariable', 'baseLocale'],
  /** @type {"locale-modules"} */
  outputStructure: 'locale-modules',
};
