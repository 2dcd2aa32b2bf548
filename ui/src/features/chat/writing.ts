/** What a message or a file must keep to before it is sent. The core checks the same and has the last word. */
import { decimal } from '$lib/format';
import { m } from '$lib/i18n';
import type { Conversation } from '$lib/rpc/gen';

const encoder = new TextEncoder();

/** Bytes of UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length;

/** Bytes left, shown once little is left; `null`: there is room enough. Negative: too long. */
export function roomLeft(text: string, longest: number): number | null {
  // No text has more than three bytes for each of its UTF-16 units.
  if (text.length * 3 < longest * 0.8) return null;
  const left = longest - byteLength(text);
  return left <= longest * 0.2 ? left : null;
}

/** `1.4 MB`; powers of 1,024. */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return m.size_bytes({ value: String(bytes) });
  const units = [m.size_kb, m.size_mb, m.size_gb];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = value < 10 && value % 1 !== 0 ? decimal(value, 1) : String(Math.round(value));
  return (units[unit] ?? m.size_gb)({ value: text });
}

/** The ending of a file's name, lower case. */
export const endingOf = (name: string): string => {
  const at = name.lastIndexOf('.');
  return at < 0 ? '' : name.slice(at + 1).toLowerCase();
};

/** Why a file cannot be sent, in words; `null`: it can. */
export function fileProblem(
  file: { name: string; size: number },
  limits: Pick<Conversation, 'attachments' | 'largest_file' | 'file_types'>,
): string | null {
  if (!limits.attachments) return m.error_no_files_here();
  const types = limits.file_types.map((type) => type.replace(/^\./, ''));
  if (types.length > 0 && !types.includes(endingOf(file.name)))
    return m.chat_file_type({ name: file.name, types: types.join(', ') });
  if (file.size === 0) return m.chat_file_empty({ name: file.name });
  if (file.size > limits.largest_file)
    return m.chat_file_too_large({ name: file.name, largest: fileSize(limits.largest_file) });
  return null;
}

/** A file's content, base64. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}

/** Enter that means "done". One that only takes an input method's proposal is none (229: the same in older engines). */
export const isPlainEnter = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' &&
  !(event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) &&
  !event.isComposing &&
  event.keyCode !== 229;

/** Files that are pasted; a program that copies a table puts a picture of it beside its words: the words are meant. */
export function pastedFiles(event: ClipboardEvent): File[] {
  if (event.clipboardData?.types.includes('text/plain')) return [];
  return [...(event.clipboardData?.files ?? [])];
}

/** The marks that a button of the composer sets. */
export type Mark = 'bold' | 'italic' | 'list' | 'link';

/** A text with a mark set around its selection, and what is selected then. */
export function mark(
  text: string,
  from: number,
  to: number,
  kind: Mark,
): { text: string; from: number; to: number } {
  const chosen = text.slice(from, to);
  if (kind === 'list') {
    const start = text.lastIndexOf('\n', from - 1) + 1;
    const lines = text.slice(start, to).split('\n');
    const put = lines.map((line) => (line.startsWith('- ') ? line : `- ${line}`)).join('\n');
    const end = start + put.length;
    return { text: text.slice(0, start) + put + text.slice(to), from: end, to: end };
  }
  const [before, after] = { bold: ['**', '**'], italic: ['*', '*'], link: ['[', '](https://)'] }[kind] as [
    string,
    string,
  ];
  const put = text.slice(0, from) + before + chosen + after + text.slice(to);
  // A link's address is what is still missing; otherwise the words stay selected.
  const at = kind === 'link' && chosen !== '' ? to + before.length + 2 : from + before.length;
  return { text: put, from: at, to: kind === 'link' && chosen !== '' ? at + 8 : at + chosen.length };
}
