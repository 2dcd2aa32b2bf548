import { defineConfig } from 'vitest/config';

import { alias, at, plugins, target } from './vite.shared.ts';

export default defineConfig({
  base: './',
  plugins: plugins(),
  resolve: {
    alias,
    // Under vitest, Svelte's browser build is wanted, not the server one.
    ...(process.env['VITEST'] ? { conditions: ['browser'] } : {}),
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  build: {
    target,
    outDir: 'dist',
    emptyOutDir: true,
    // The content security policy forbids inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: at('./index.html'), incoming: at('./incoming.html') },
      // Pages and sheets are loaded when they are opened; what several of them need comes in pieces worth a request.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'part',
              test: /\.(ts|js|svelte)$/,
              entriesAware: true,
              entriesAwareMergeThreshold: 3_000,
            },
          ],
        },
        // The names of such pieces would be lists of all that need them.
        chunkFileNames: 'assets/[hash].js',
        assetFileNames: 'assets/[hash][extname]',
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // Two cores, shared: more workers only wait for each other.
    maxWorkers: 2,
    // One page for all files of a worker: loading the panel anew for each took longer than its tests.
    isolate: false,
    // The accessibility check of a list with every country takes seconds, and far more at the lowest priority.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
