/**
 * Markdown of a provider as a small tree that is rendered to elements, never to markup. What the tree has no
 * node for (HTML, images, tables) stays the text it was written as.
 */
import { lexer, type Token, type Tokens } from 'marked';

import { webAddress } from '$lib/web';

/** Inside a line. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'break' }
  | { kind: 'strong' | 'em' | 'del'; inside: Inline[] }
  | { kind: 'code'; text: string }
  /** Only http and https. `named`: the words are not the address, which is shown too. */
  | { kind: 'link'; href: string; inside: Inline[]; named: boolean };

/** A block. */
export type Block =
  | { kind: 'paragraph' | 'heading'; inside: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' };

/** Longer texts and deeper nesting are shown as they were written: both cost time without end otherwise. */
const limits = { characters: 20_000, depth: 8 };

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

/** Plain text with its addresses told apart. */
export function plain(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const hit of text.matchAll(/https?:\/\/[^\s<>"'`\p{Cc}\p{Bidi_Control}]+/giu)) {
    // A sentence's end is not the address's, and a closing bracket is only where one was opened.
    let address = hit[0].replace(/[.,;:!?*_~…]+$/u, '');
    while (/[)\]]$/.test(address) && count(address, /[)\]]/g) > count(address, /[([]/g))
      address = address.slice(0, -1);
    address = address.replace(/[.,;:!?]+$/, '');
    const href = webAddress(address);
    if (href === null) continue;
    if (hit.index > from) parts.push({ kind: 'text', text: text.slice(from, hit.index) });
    parts.push({ kind: 'link', href, inside: [{ kind: 'text', text: address }], named: false });
    from = hit.index + address.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/** The tree of a text with marks of markdown. */
export function markdown(text: string): Block[] {
  const asWritten: Block[] = [{ kind: 'paragraph', inside: plain(text) }];
  if (text.length > limits.characters) return asWritten;
  try {
    const tree = blocks(lexer(text, { gfm: true, breaks: true }), 0);
    return tree.length > 0 ? tree : asWritten;
  } catch {
    // Nested too deep for the library.
    return asWritten;
  }
}

function blocks(tokens: readonly Token[], depth: number): Block[] {
  return tokens.flatMap((token): Block[] => {
    const raw: Block[] = [{ kind: 'paragraph', inside: plain(token.raw.trim()) }];
    if (depth > limits.depth) return raw;
    switch (token.type) {
      case 'space':
      case 'def':
        return token.type === 'def' ? raw : [];
      case 'paragraph':
      case 'text':
        return [{ kind: 'paragraph', inside: inlines((token as Tokens.Text).tokens ?? [token], depth) }];
      case 'heading':
        return [{ kind: 'heading', inside: inlines((token as Tokens.Heading).tokens, depth) }];
      case 'list': {
        const list = token as Tokens.List;
        const items = list.items.map((item) => blocks(item.tokens, depth + 1));
        return [{ kind: 'list', ordered: list.ordered, start: Number(list.start) || 1, items }];
      }
      case 'blockquote':
        return [{ kind: 'quote', blocks: blocks((token as Tokens.Blockquote).tokens, depth + 1) }];
      case 'code':
        return [{ kind: 'code', text: (token as Tokens.Code).text }];
      case 'hr':
        return [{ kind: 'rule' }];
      default:
        return raw;
    }
  });
}

function inlines(tokens: readonly Token[], depth: number): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    if (depth > limits.depth) return [{ kind: 'text', text: token.raw }];
    switch (token.type) {
      case 'text':
        return 'tokens' in token && token.tokens
          ? inlines(token.tokens, depth + 1)
          : plain((token as Tokens.Text).text);
      case 'escape':
        return [{ kind: 'text', text: (token as Tokens.Escape).text }];
      case 'br':
        return [{ kind: 'break' }];
      case 'strong':
      case 'em':
      case 'del':
        return [{ kind: token.type, inside: inlines((token as Tokens.Strong).tokens, depth + 1) }];
      case 'codespan':
        return [{ kind: 'code', text: (token as Tokens.Codespan).text }];
      case 'link': {
        const link = token as Tokens.Link;
        const href = webAddress(link.href);
        if (href === null) return [{ kind: 'text', text: link.raw }];
        const named = webAddress(link.text) !== href;
        // No link within a link: its words are words.
        const words = link.text.trim() === '' ? link.href : link.text;
        return [{ kind: 'link', href, inside: [{ kind: 'text', text: words }], named }];
      }
      default:
        return [{ kind: 'text', text: token.raw }];
    }
  });
}
