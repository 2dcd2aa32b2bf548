// What holds of the message catalogue, whatever the language. Used by `npm run i18n` and its test.
import { readdirSync, readFileSync } from 'node:fs';

/** @typedef {string | { declarations?: string[]; selectors?: string[]; match?: Record<string, string> }[]} Message */
/** @typedef {Record<string, Message>} Messages */

/** The language that has every message first. */
export const base = 'en';

/**
 * The languages of a folder.
 * @param {string} folder
 * @returns {Record<string, Messages>}
 */
export const read = (folder) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.slice(0, -'.json'.length), JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))]),
  );

/**
 * Keys of messages; what begins with `$` is for editors.
 * @param {Messages} messages
 */
export const keysOf = (messages) => Object.keys(messages).filter((key) => !key.startsWith('$'));

/** @param {string} text */
const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1] ?? '');

/**
 * Every text that a message can become.
 * @param {Message} message
 */
export const textsOf = (message) =>
  typeof message === 'string' ? [message] : message.flatMap((one) => Object.values(one.match ?? {}));

/**
 * Names of the values that a message takes.
 * @param {Message} message
 */
export function parametersOf(message) {
  if (typeof message === 'string') return [...new Set(places(message))].sort();
  const declared = message.flatMap((one) => one.declarations ?? []);
  return [...new Set(declared.flatMap((line) => /^input (\w+)$/.exec(line)?.[1] ?? []))].sort();
}

/**
 * Plural forms that a language has.
 * @param {string} language
 */
export const formsOf = (language) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;

/**
 * What is wrong with a message that has forms: each is one variant of one plural.
 * @param {string} language
 * @param {Exclude<Message, string>} message
 * @returns {string[]}
 */
function wrongForms(language, message) {
  const [variants, ...more] = message;
  if (!variants || more.length > 0) return ['is not one list of forms'];
  const { declarations = [], selectors = [], match = {} } = variants;
  const counted = declarations.map((line) => /^local plural = (\w+): plural$/.exec(line)?.[1]).find(Boolean);
  if (!counted || selectors.join() !== 'plural') return ['is not chosen by `local plural = ...: plural`'];
  const wrong = [];
  const wanted = formsOf(language).map((form) => `plural=${form}`);
  const missing = wanted.filter((form) => !match[form]);
  const unknown = Object.keys(match).filter((form) => !wanted.includes(form));
  if (missing.length > 0) wrong.push(`lacks ${missing.join(', ')}`);
  if (unknown.length > 0) wrong.push(`has ${unknown.join(', ')}, which the language has not`);
  const locals = declarations.flatMap((line) => /^local (\w+) =/.exec(line)?.[1] ?? []);
  const known = [...parametersOf(message), ...locals];
  const strange = [...new Set(textsOf(message).flatMap(places))].filter((name) => !known.includes(name));
  if (strange.length > 0) wrong.push(`has places that are not declared: ${strange.join(', ')}`);
  return wrong;
}

/**
 * Everything that is wrong, in words; none: the catalogue is whole.
 * @param {Record<string, Messages>} catalogue
 * @param {readonly string[]} languages
 * @returns {string[]}
 */
export function faults(catalogue, languages) {
  const found = [];
  const first = catalogue[base] ?? {};
  for (const language of new Set([...languages, ...Object.keys(catalogue)])) {
    const messages = catalogue[language];
    if (!languages.includes(language)) {
      found.push(`${language}: is not among the project's languages`);
      continue;
    }
    if (!messages) {
      found.push(`${language}: there is no such file`);
      continue;
    }
    for (const key of keysOf(first)) if (!(key in messages)) found.push(`${language}: ${key} is missing`);
    for (const key of keysOf(messages)) {
      const message = messages[key] ?? '';
      const original = first[key];
      if (original === undefined) {
        found.push(`${language}: ${key} is not in ${base}`);
        continue;
      }
      if (textsOf(message).some((text) => text.trim() === '')) found.push(`${language}: ${key} is empty`);
      const [wanted, taken] = [parametersOf(original).join(', '), parametersOf(message).join(', ')];
      if (taken !== wanted) found.push(`${language}: ${key} takes (${taken}), ${base} takes (${wanted})`);
      if ((typeof message === 'string') !== (typeof original === 'string'))
        found.push(`${language}: ${key} has plural forms in one language only`);
      else if (typeof message !== 'string')
        for (const wrong of wrongForms(language, message)) found.push(`${language}: ${key} ${wrong}`);
    }
  }
  return found;
}
