// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Annotations } from "./Annotations";
import type { CallDevices } from "./CallDevices";
import type { CallSummary } from "./CallSummary";
import type { Channel } from "./Channel";
import type { ContactKey } from "./ContactKey";
import type { Direction } from "./Direction";
import type { Initiation } from "./Initiation";
import type { MessageCounts } from "./MessageCounts";
import type { Outcome } from "./Outcome";
import type { Party } from "./Party";
import type { PlatformId } from "./PlatformId";
import type { Subtype } from "./Subtype";
import type { UnixMillis } from "./UnixMillis";

/**
 * One finished contact for the history.
 */
export type HistoryEntry = {
  /**
   * Which contact.
   */
  key: ContactKey,
  /**
   * Connector.
   */
  platform: PlatformId,
  /**
   * Account's shown name at the time.
   */
  account_name: string,
  /**
   * Medium.
   */
  channel: Channel,
  /**
   * Who started it.
   */
  direction: Direction,
  /**
   * The customer.
   */
  customer: Party,
  /**
   * Queue's name.
   */
  queue: string | null,
  /**
   * How it ended.
   */
  outcome: Outcome | null,
  /**
   * First seen.
   */
  offered_at: UnixMillis | null,
  /**
   * Became connected.
   */
  connected_at: UnixMillis | null,
  /**
   * Became finished.
   */
  ended_at: UnixMillis,
  /**
   * Call quality, for voice through this computer.
   */
  summary: CallSummary | null,
  /**
   * How it came to be, where the platform says. This and what follows is
   * absent from entries that earlier versions wrote.
   */
  initiation: Initiation | null,
  /**
   * Its kind within the channel.
   */
  subtype: Subtype | null,
  /**
   * Taken by the agent, or for the agent.
   */
  taken_at: UnixMillis | null,
  /**
   * Times that the customer was put on hold.
   */
  holds: number,
  /**
   * How long the customer was on hold in all.
   */
  held_ms: number,
  /**
   * From its end to when the agent left it; absent while it is still there.
   */
  wrap_up_ms: number | null,
  /**
   * Devices that served the call last.
   */
  devices: CallDevices | null,
  /**
   * What was written in it, where it was a conversation.
   */
  messages: MessageCounts | null,
  /**
   * What was put onto it here.
   */
  annotations: Annotations,
};
