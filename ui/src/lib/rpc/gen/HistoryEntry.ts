// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CallSummary } from "./CallSummary";
import type { Channel } from "./Channel";
import type { ContactKey } from "./ContactKey";
import type { Direction } from "./Direction";
import type { Outcome } from "./Outcome";
import type { Party } from "./Party";
import type { PlatformId } from "./PlatformId";
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
};
