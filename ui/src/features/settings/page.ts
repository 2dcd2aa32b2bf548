import type { ScreenPop } from '$lib/rpc/gen';

/** How a page is known: an entry written by hand has no id, its address stands for it. */
export const pageIdentity = (page: ScreenPop): string => (page.id === '' ? page.url : page.id);

/** Words between commas; a campaign's name may have blanks. */
export const listOf = (text: string): string[] =>
  text
    .split(/[,;\n]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
