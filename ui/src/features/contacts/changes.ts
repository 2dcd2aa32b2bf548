/** What the agent changes of a contact: its name, and whether its customer may write. */
import Ban from '@lucide/svelte/icons/ban';
import Pencil from '@lucide/svelte/icons/pencil';
import UserCheck from '@lucide/svelte/icons/user-round-check';

import { isPending } from '$lib/desk/contacts';
import type { Desk } from '$lib/desk/desk.svelte';
import type { Place } from '$lib/desk/place.svelte';
import { m } from '$lib/i18n';
import type { ContactView } from '$lib/rpc/gen';
import type { Act } from '$lib/ui/ActItems.svelte';

/** As lines of a menu; empty: the platform allows none of it. */
export function changeActs(desk: Desk, place: Place, view: ContactView): Act[] {
  const can = new Set(view.contact.allowed);
  const all: (Act | false)[] = [
    can.has('rename') && {
      label: m.contact_rename(),
      icon: Pencil,
      testid: 'contact-rename',
      busy: isPending(view, 'rename'),
      run: () => (place.renaming = view.key),
    },
    can.has('ban') && {
      label: m.contact_ban(),
      icon: Ban,
      testid: 'contact-ban',
      busy: isPending(view, 'ban'),
      run: () => (place.banning = view.key),
    },
    can.has('unban') && {
      label: m.contact_unban(),
      icon: UserCheck,
      testid: 'contact-unban',
      busy: isPending(view, 'unban'),
      run: () => void desk.send('contact_ban', { contact: view.key, banned: false }),
    },
  ];
  return all.filter((one) => one !== false);
}
