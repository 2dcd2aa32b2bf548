import { existsSync } from 'node:fs';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

import { at, target } from './vite.shared.ts';

/**
 * The scripts that plugins' pages load, each one file without imports, into `dist/facade`. `streams.js` is a plain script, as
 * the vendor's is. `smartagent.js` is a module, since pages import its class; `smartagent.plain.js` is the same for pages that
 * are made of plain scripts: no file can be both, as a plain script must not have exports.
 */
const scripts = [
  { name: 'streams', file: 'streams.js', format: 'iife' },
  { name: 'smartagent', file: 'smartagent.js', format: 'es' },
  { name: 'smartagent', file: 'smartagent.plain.js', format: 'iife' },
] as const;

type Script = (typeof scripts)[number];

const PLAIN = 'plain-script:';

/** A plain script has no exports: it is the entry, loaded for what it does to the page. */
const plain: Plugin = {
  name: 'trunkline:plain-script',
  resolveId: (id) => (id.startsWith(PLAIN) ? `\0${id}` : undefined),
  load: (id) =>
    id.startsWith(`\0${PLAIN}`)
      ? `import ${JSON.stringify(at(`./facade/${id.slice(PLAIN.length + 1)}/index.ts`))};`
      : undefined,
};

/** What is bundled of others' work, and that it was changed, as its licence wants it said. */
const BANNERS: Record<string, string> = {
  streams:
    '/*! Contains amazon-connect-streams 2.28.2, Copyright Amazon.com, Inc. or its affiliates, SPDX-License-Identifier: Apache-2.0. ' +
    'Changed by Trunkline: it speaks with the panel instead of the CCP. */',
};

function script({ name, file, format }: Script): EnvironmentOptions {
  return {
    consumer: 'client',
    resolve: { conditions: ['browser'] },
    build: {
      target,
      outDir: at('./dist/facade'),
      // The panel's own build has emptied `dist`; the scripts stand side by side.
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      // The vendor's library is that large, and loaded from this computer.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: {
        input: format === 'iife' ? PLAIN + name : at(`./facade/${name}/index.ts`),
        preserveEntrySignatures: format === 'es' ? 'strict' : false,
        output: { format, entryFileNames: file, codeSplitting: false, postBanner: BANNERS[name] ?? '' },
      },
    },
  };
}

export default defineConfig({
  root: at('./facade'),
  plugins: [plain],
  environments: Object.fromEntries(
    scripts
      .filter(({ name }) => existsSync(at(`./facade/${name}/index.ts`)))
      .map((one) => [one.file.replace(/\.js$/u, '').replaceAll('.', '_'), script(one)]),
  ),
  builder: {
    buildApp: async (builder) => {
      const scripts = Object.values(builder.environments).filter(
        ({ name }) => name !== 'client' && name !== 'ssr',
      );
      for (const environment of scripts) await builder.build(environment);
    },
  },
});
