import type { Desk } from '$lib/desk/desk.svelte';
import type { ContactView, MediaView } from '$lib/rpc/gen';

/**
 * Whether the call shows as muted: by what was sent, and before anything is
 * sent by the agent's own wish.
 */
export const showsMuted = (media: MediaView): boolean =>
  media.sending === 'muted' || (media.sending === 'nothing' && media.mute_wanted);

/** Mutes, or takes the mute back. */
export const toggleMute = (desk: Desk, view: ContactView): Promise<boolean> =>
  desk.send('contact_mute', { contact: view.key, muted: !(view.media?.mute_wanted ?? false) });

/** Puts on hold, or takes off hold, whichever is allowed. */
export async function toggleHold(desk: Desk, view: ContactView): Promise<void> {
  const { allowed } = view.contact;
  if (allowed.includes('resume')) await desk.send('contact_resume', { contact: view.key, connection: null });
  else if (allowed.includes('hold')) await desk.send('contact_hold', { contact: view.key, connection: null });
}

/** Hangs up. */
export const end = (desk: Desk, view: ContactView): Promise<boolean> =>
  desk.send('contact_end', { contact: view.key, connection: null });
