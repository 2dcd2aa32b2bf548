// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { IceRoute } from "./IceRoute";
import type { MediaFailure } from "./MediaFailure";
import type { MediaStats } from "./MediaStats";
import type { UnixMillis } from "./UnixMillis";

/**
 * What one call was like, written when its media session ends. Feeds the
 * history, diagnostics and the platform's own call report.
 */
export type CallSummary = {
  /**
   * Session began (offer being made).
   */
  started: UnixMillis,
  /**
   * Session ended.
   */
  ended: UnixMillis,
  /**
   * Offer made and set, ms.
   */
  initialization_ms: number | null,
  /**
   * Relay candidates gathered, ms.
   */
  ice_gathering_ms: number | null,
  /**
   * Invitation to answer, ms.
   */
  handshake_ms: number | null,
  /**
   * From the start of the session to packets able to flow, ms.
   */
  setup_ms: number | null,
  /**
   * From the agent's accept to the first received speech played, ms.
   */
  accept_to_audio_ms: number | null,
  /**
   * Speech flowed for this long, ms.
   */
  talk_ms: number,
  /**
   * Route, once known.
   */
  route: IceRoute | null,
  /**
   * Times the path was lost.
   */
  path_losses: number,
  /**
   * Times the path was mended by an ICE restart.
   */
  ice_restarts: number,
  /**
   * Last totals.
   */
  last: MediaStats,
  /**
   * Worst estimate of any second, 1 to 4.5.
   */
  worst_mos: number | null,
  /**
   * Why it failed, when it did.
   */
  failure: MediaFailure | null,
  /**
   * What was not reached then, where that is known: relays or a signalling server.
   */
  failed_address: string | null,
  /**
   * The codec that both sides agreed on, by its RTP name (`opus`, `PCMU`).
   */
  codec: string | null,
  /**
   * The connection was up before this contact came to it.
   */
  connection_reused: boolean,
};
