import { defineConfig } from 'vite';

import { alias, at, plugins, target } from './vite.shared.ts';

/** The gallery: every state of the UI over the memory host, by URL hash. */
export default defineConfig({
  root: at('./gallery'),
  base: './',
  plugins: plugins(),
  resolve: { alias },
  server: { host: '127.0.0.1', port: 5174, fs: { allow: [at('.')] } },
  build: { target, outDir: at('./dist-gallery'), emptyOutDir: true },
});
