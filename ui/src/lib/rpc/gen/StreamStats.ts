// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One direction of a call, totals since the start.
 */
export type StreamStats = {
  /**
   * RTP packets.
   */
  packets: number,
  /**
   * Packets lost: sequence gaps (in) or as the peer reports (out).
   */
  packets_lost: number,
  /**
   * Inter-arrival jitter after RFC 3550, milliseconds.
   */
  jitter_ms: number,
  /**
   * Level of the last second, 0 to 1 of full scale (root mean square).
   */
  level: number,
};
