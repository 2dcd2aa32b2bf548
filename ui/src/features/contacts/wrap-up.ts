/** What is noted at the end of a contact. The core checks the same and has the last word. */
import type { WrapUpDraft } from '$lib/desk/place.svelte';
import type { ContactView, DeskSnapshot, WrapUpCategory, WrapUpCode, WrapUpForm } from '$lib/rpc/gen';

/** Longest note, characters. */
export const noteLimit = 1000;
/** With more codes than this the eye no longer finds one by itself. */
export const many = 8;

/** What can be noted of a contact now; `null`: nothing. */
export function formOf(desk: DeskSnapshot | null, view: ContactView): WrapUpForm | null {
  if (!view.contact.allowed.includes('wrap_up')) return null;
  const form = desk?.accounts.find((one) => one.id === view.key.account)?.agent?.wrap_up ?? null;
  return form !== null && (form.note || form.categories.some((one) => one.values.length > 0)) ? form : null;
}

/** How many codes there are. */
export const countOf = (form: WrapUpForm): number =>
  form.categories.reduce((sum, one) => sum + one.values.length, 0);

const same = (a: WrapUpCode, b: WrapUpCode): boolean => a.category === b.category && a.value === b.value;

/** Whether this one is chosen. */
export const isChosen = (codes: readonly WrapUpCode[], code: WrapUpCode): boolean =>
  codes.some((one) => same(one, code));

/** The chosen ones with this one taken or let go. With a single choice it takes the other one's place. */
export function choose(codes: readonly WrapUpCode[], code: WrapUpCode, most: number): WrapUpCode[] {
  if (most <= 1) return [code];
  if (isChosen(codes, code)) return codes.filter((one) => !same(one, code));
  return codes.length < most ? [...codes, code] : [...codes];
}

/** What is found, and what is chosen already: that stays in view. */
export function found(
  form: WrapUpForm,
  search: string,
  codes: readonly WrapUpCode[],
): { categories: WrapUpCategory[]; hits: number } {
  const words = search.trim().toLowerCase();
  let hits = 0;
  const categories = form.categories.map(({ name, values }) => ({
    name,
    values: values.filter((value) => {
      const hit = words === '' || `${name} ${value}`.toLowerCase().includes(words);
      if (hit) hits += 1;
      return hit || isChosen(codes, { category: name, value });
    }),
  }));
  return { categories: categories.filter((one) => one.values.length > 0), hits };
}

/** What is sent: only what can be noted still. */
export function toSend(draft: WrapUpDraft, form: WrapUpForm): { codes: WrapUpCode[]; note: string } {
  const known = (code: WrapUpCode): boolean =>
    form.categories.some((one) => one.name === code.category && one.values.includes(code.value));
  return {
    codes: draft.codes.filter(known).map(({ category, value }) => ({ category, value })),
    note: form.note ? draft.note.trim() : '',
  };
}
