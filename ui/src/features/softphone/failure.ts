import { textOf } from '$lib/i18n';
import type { MediaFailure } from '$lib/rpc/gen';

/** Failures behind which stands a server that did not answer. */
const withServer: readonly MediaFailure[] = [
  'ice_gathering_timeout',
  'signalling_connect',
  'signalling_handshake',
];

/** Why a call has no sound, with the server that did not answer where one is known. */
export const mediaFailureWords = (failure: MediaFailure, address: string | null | undefined): string =>
  address && withServer.includes(failure)
    ? textOf('notice', `notice_media_${failure}_at`, { address })
    : textOf('notice', `notice_media_${failure}`);
