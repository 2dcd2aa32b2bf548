import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import type { Plugin, PluginOption } from 'vite';

/** A path of this folder, absolute. */
export const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Escapes the few letters beyond ASCII: with one of them, WebKit keeps the whole script at two bytes a letter,
 * which is 2 MB of the panel's page.
 */
const ascii = (): Plugin => ({
  name: 'ascii',
  apply: 'build',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const escaped = chunk.code.replace(
        // eslint-disable-next-line no-control-regex -- that is what ASCII is
        /[^\x00-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      // A language that is written otherwise is shorter as it is.
      if (escaped.length < 2 * chunk.code.length) chunk.code = escaped;
    }
  },
});

/** Plugins that every build of the UI needs. */
export const plugins = (): PluginOption[] => [svelte({ configFile: at('./svelte.config.js') }), ascii()];

/** `$lib/...` and `$features/...` in imports. */
export const alias = { $lib: at('./src/lib'), $features: at('./src/features') };

// WebKitGTK 2.40 and WebView2 both understand what Safari 16.4 does.
export const target = ['safari16.4', 'chrome115'];
