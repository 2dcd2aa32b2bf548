/** The agent's state in each medium, in words. */
import { m } from '$lib/i18n';
import type { Agent, MediaDomain, MediaStateKind } from '$lib/rpc/gen';

/** A medium's name: ours for those that are known, else the platform's. */
export function mediumWords(name: string): string {
  switch (name.trim().toUpperCase().replaceAll(/\s+/g, '_')) {
    case 'CHAT':
      return m.medium_chat();
    case 'CX_VOICE':
    case 'VOICE':
      return m.medium_voice();
    case 'CISCO_CC':
      return m.medium_cisco_voice();
    case 'EMAIL':
      return m.medium_email();
    default:
      return name;
  }
}

const states: Record<MediaStateKind, () => string> = {
  ready: m.media_state_ready,
  active: m.media_state_active,
  busy: m.media_state_busy,
  ending: m.media_state_ending,
  not_ready: m.media_state_not_ready,
  interrupted: m.media_state_interrupted,
  unknown: m.media_state_unknown,
};

/** How a medium stands. */
export const mediaStateWords = (state: MediaStateKind): string => states[state]();

/** It is switched on, whether or not one more contact fits in. */
export const isOn = ({ state }: MediaDomain): boolean =>
  state === 'ready' || state === 'active' || state === 'busy' || state === 'interrupted';

/** Why a medium cannot be switched; `null`: it can. */
export function fixedWords(domain: MediaDomain, agent: Agent): string | null {
  if (domain.limit === 0) return m.media_not_set_up();
  if (domain.switchable) return null;
  return agent.state.kind === 'routable' ? m.media_not_now() : m.media_agent_not_ready();
}
