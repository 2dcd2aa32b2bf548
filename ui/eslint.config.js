import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const onlyInHost = {
  patterns: [
    {
      group: ['@tauri-apps/*'],
      message: 'Only src/lib/host/tauri.ts talks to Tauri: use the Host interface.',
    },
  ],
};
const onlyInUi = {
  patterns: [
    ...onlyInHost.patterns,
    { group: ['bits-ui'], message: 'bits-ui is wrapped once, in src/lib/ui.' },
  ],
};

export default ts.config(
  {
    ignores: ['node_modules', 'dist', 'dist-gallery', 'shots', 'src/lib/i18n/gen', 'src/lib/rpc/gen'],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-restricted-imports': ['error', onlyInUi],
      'no-undef': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/lib/ui/**'], rules: { 'no-restricted-imports': ['error', onlyInHost] } },
  {
    files: ['src/lib/host/tauri.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  { files: ['gallery/*.mjs', 'scripts/**', 'tests/**', 'src/lib/log.ts'], rules: { 'no-console': 'off' } },
);
