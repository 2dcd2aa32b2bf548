import { m } from '$lib/i18n';
import type { AgentActivity, AgentState, AgentStateKind } from '$lib/rpc/gen';

const activities: Record<Exclude<AgentActivity, 'named' | 'unknown'>, () => string> = {
  online: m.activity_online,
  paused: m.activity_paused,
  offline: m.activity_offline,
  reserved: m.activity_reserved,
  busy: m.activity_busy,
  after_contact_work: m.activity_after_contact_work,
  calling: m.activity_calling,
  missed_by_agent: m.activity_missed_by_agent,
  missed_by_customer: m.activity_missed_by_customer,
  connect_failed: m.activity_connect_failed,
  bad_address: m.activity_bad_address,
  line_engaged: m.activity_line_engaged,
  several_windows: m.activity_several_windows,
  failed: m.activity_failed,
};

/** A state in words: ours for what the platform sets, the platform's own for what the agent chose. */
export function stateWords(state: AgentState): string {
  return state.activity === 'named' || state.activity === 'unknown'
    ? state.name
    : activities[state.activity]();
}

const kinds: Record<AgentStateKind, () => string> = {
  init: m.kind_init,
  routable: m.kind_routable,
  not_routable: m.kind_not_routable,
  offline: m.kind_offline,
  system: m.kind_system,
  error: m.kind_error,
  unknown: m.kind_unknown,
};

/** What a class of states means for contacts. */
export const kindWords = (kind: AgentStateKind): string => kinds[kind]();

/** The picture of a state; never colour alone. */
export type Mark = 'ready' | 'paused' | 'off' | 'busy' | 'wrap_up' | 'trouble';

/** The picture of a state. */
export function stateMark(state: AgentState): Mark {
  switch (state.activity) {
    case 'reserved':
    case 'busy':
    case 'calling':
      return 'busy';
    case 'after_contact_work':
      return 'wrap_up';
    case 'missed_by_agent':
    case 'missed_by_customer':
    case 'connect_failed':
    case 'bad_address':
    case 'line_engaged':
    case 'failed':
      return 'trouble';
    default:
      break;
  }
  const byKind: Record<AgentStateKind, Mark> = {
    init: 'off',
    routable: 'ready',
    not_routable: 'paused',
    offline: 'off',
    system: 'busy',
    error: 'trouble',
    unknown: 'off',
  };
  return byKind[state.kind];
}

/** The state holds contacts back until the agent leaves it. */
export const needsLeaving = (state: AgentState): boolean =>
  state.kind === 'error' || stateMark(state) === 'trouble';
