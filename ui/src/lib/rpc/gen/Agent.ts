// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AgentState } from "./AgentState";
import type { MediaDomain } from "./MediaDomain";
import type { PickedState } from "./PickedState";
import type { Queue } from "./Queue";
import type { QueueId } from "./QueueId";
import type { RoutingProfile } from "./RoutingProfile";
import type { Team } from "./Team";
import type { WrapUpForm } from "./WrapUpForm";

/**
 * The agent on one account, whole.
 */
export type Agent = {
  /**
   * Shown name.
   */
  name: string,
  /**
   * Sign-in name.
   */
  username: string | null,
  /**
   * Present state.
   */
  state: AgentState,
  /**
   * State that is taken when the present contact ends.
   */
  next_state: AgentState | null,
  /**
   * States the agent may choose, in the platform's order.
   */
  selectable_states: Array<AgentState>,
  /**
   * Calls come to this program (true) or to a desk phone (false).
   */
  softphone_enabled: boolean,
  /**
   * Voice contacts are accepted by the platform by itself.
   */
  auto_accept: boolean,
  /**
   * Desk-phone number, E.164, when there is one.
   */
  extension: string | null,
  /**
   * What the agent is routed.
   */
  routing_profile: RoutingProfile,
  /**
   * Rights, by the platform's names.
   */
  permissions: Array<string>,
  /**
   * Outbound calls are possible: the right to them, and a softphone or desk
   * phone to make them with.
   */
  can_dial: boolean,
  /**
   * Language of the agent at the platform, as the platform writes it (`en_US`).
   */
  language: string | null,
  /**
   * Languages the agent may choose; none when it cannot be chosen.
   */
  languages: Array<string>,
  /**
   * Queues that an outbound call may count for.
   */
  dial_queues: Array<Queue>,
  /**
   * The queue that it counts for when none is chosen.
   */
  default_dial_queue: QueueId | null,
  /**
   * The agent's own id at the platform (an ARN on Amazon Connect).
   */
  platform_id: string | null,
  /**
   * Countries that may be called: ISO 3166-1 alpha-2, upper case, sorted.
   * Empty: the platform does not say.
   */
  dialable_countries: Array<string>,
  /**
   * The state the agent picked last.
   */
  picked: PickedState | null,
  /**
   * The state in each medium, in the platform's order; none where the agent's
   * state counts for all of them.
   */
  media: Array<MediaDomain>,
  /**
   * What can be noted at the end of a contact; absent where nothing can.
   */
  wrap_up: WrapUpForm | null,
  /**
   * Whom the agent supervises; none for most.
   */
  supervises: Array<Team>,
};
