import type { Desk } from '$lib/desk/desk.svelte';
import { sameContact } from '$lib/desk/patch';
import type { ContactView, PluginAsk } from '$lib/rpc/gen';

/** The contact that a plugin's question is about, while it is on the desk. */
export function contactOf(desk: Desk, { contact }: PluginAsk): ContactView | undefined {
  if (contact === null) return undefined;
  return desk.snapshot?.contacts.find((view) => sameContact(view.key, contact));
}
