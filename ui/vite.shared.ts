import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import type { PluginOption } from 'vite';

import { paraglide } from './i18n.options.js';

/** A path of this folder, absolute. */
export const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Plugins that every build of the UI needs: the message catalogue and Svelte. */
export const plugins = (): PluginOption[] => [
  // The tests take what `npm run i18n` compiled: the plugin's watcher would keep them from ending.
  ...(process.env['VITEST'] ? [] : [paraglideVitePlugin(paraglide)]),
  svelte({ configFile: at('./svelte.config.js') }),
];

/** `$lib/...` and `$features/...` in imports. */
export const alias = { $lib: at('./src/lib'), $features: at('./src/features') };

// WebKitGTK 2.40 and WebView2 both understand what Safari 16.4 does.
export const target = ['safari16.4', 'chrome115'];
