// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Quality } from "./Quality";
import type { StreamStats } from "./StreamStats";

/**
 * A second's picture of a call.
 */
export type MediaStats = {
  /**
   * What the agent hears.
   */
  received: StreamStats,
  /**
   * What the agent says, as sent.
   */
  sent: StreamStats,
  /**
   * Round trip in milliseconds, when the peer's reports give it.
   */
  round_trip_ms: number | null,
  /**
   * Mean delay that the jitter buffer added in the last second, milliseconds.
   */
  jitter_buffer_ms: number,
  /**
   * Sum over all played samples of their time in the jitter buffer, seconds
   * (WebRTC's `jitterBufferDelay`).
   */
  jitter_buffer_delay_total_s: number,
  /**
   * Samples played out of the jitter buffer at 48 kHz (`jitterBufferEmittedCount`).
   */
  jitter_buffer_emitted: number,
  /**
   * Share of samples made up by loss concealment in the last second, 0 to 1.
   */
  concealed: number,
  /**
   * Gaps concealed since the start.
   */
  concealment_events: number,
  /**
   * E-model estimate, 1 to 4.5; absent before the first second.
   */
  mos: number | null,
  /**
   * The estimate in one word.
   */
  quality: Quality,
};
