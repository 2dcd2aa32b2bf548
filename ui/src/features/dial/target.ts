import BookUser from '@lucide/svelte/icons/book-user';
import Phone from '@lucide/svelte/icons/phone';
import User from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users-round';

import { m } from '$lib/i18n';
import type { Endpoint, EndpointKind } from '$lib/rpc/gen';

/** The picture of what stands behind an entry of the directory. */
export function kindIcon(kind: EndpointKind): typeof Phone {
  switch (kind) {
    case 'phone_number':
      return Phone;
    case 'agent':
      return User;
    case 'queue':
      return Users;
    default:
      return BookUser;
  }
}

/** The name of an entry of the directory; one without a name has its kind. */
export const endpointName = (endpoint: Endpoint): string =>
  endpoint.name.trim() || endpointWords(endpoint.kind);

/** What stands behind an entry of the directory, in words. */
export function endpointWords(kind: EndpointKind): string {
  switch (kind) {
    case 'phone_number':
      return m.endpoint_phone_number();
    case 'agent':
      return m.endpoint_agent();
    case 'queue':
      return m.endpoint_queue();
    default:
      return m.endpoint_other();
  }
}
