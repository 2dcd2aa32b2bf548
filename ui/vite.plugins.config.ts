import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

import { at, target } from './vite.shared.ts';

const folder = at('./plugins');
const names = ['crm-card', 'disposition', 'call-notes'];
/** Vite takes letters, digits and underscores for it. */
const environmentOf = (name: string): string => name.replaceAll('-', '_');

/** What stands beside a plugin's page as it is: its manifest and its data. */
function besides(): Plugin {
  return {
    name: 'plugin-files',
    generateBundle() {
      const name = this.environment.name.replaceAll('_', '-');
      for (const file of readdirSync(join(folder, name))) {
        if (!file.endsWith('.json')) continue;
        const source = readFileSync(join(folder, name, file));
        this.emitFile({ type: 'asset', fileName: `${name}/${file}`, source });
      }
    },
  };
}

/** Pages as an author would write them. */
function plainTags(): Plugin {
  return {
    name: 'plain-tags',
    transformIndexHtml: {
      order: 'post',
      // What is built below `NAME/` is served as the root of its own origin, where `crossorigin` means nothing.
      handler: (html, { path }) =>
        html
          .replaceAll(' crossorigin', '')

          .replaceAll(`..${path.replace(/[^/]*$/u, '')}`, './'),
    },
  };
}

/** Each plugin is a build of its own: a file that two of them share would lie outside both of their folders. */
const build = (name: string): EnvironmentOptions => ({
  consumer: 'client',
  build: {
    target,
    outDir: at('./dist/plugins'),
    emptyOutDir: false,
    copyPublicDir: false,
    // The policy that pages are served with forbids inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: join(folder, name, 'index.html'),
      // Served by the panel, beside the plugin's own files.
      external: /^\/trunkline\//u,
      output: {
        entryFileNames: `${name}/plugin.js`,
        chunkFileNames: `${name}/[name].js`,
        assetFileNames: (asset) => `${name}/${basename(asset.names[0] ?? '[name][extname]')}`,
      },
    },
  },
});

/** The plugins that come with Trunkline, into `dist/plugins/NAME`: files as an author of plugins has them. */
export default defineConfig({
  root: folder,
  base: './',
  publicDir: false,
  plugins: [besides(), plainTags()],
  environments: Object.fromEntries(names.map((name) => [environmentOf(name), build(name)])),
  builder: {
    async buildApp(builder) {
      for (const name of names) {
        rmSync(at(`./dist/plugins/${name}`), { recursive: true, force: true });
        const environment = builder.environments[environmentOf(name)];
        if (environment !== undefined) await builder.build(environment);
      }
    },
  },
});
