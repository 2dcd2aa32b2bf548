// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Levels for meters while somebody looks: in a call what is sent alone, in steps of 6 dB, held and falling; while the
 * microphone is tested all of them, in steps of 3 dB, ten times a second. None while nothing changes. Root mean square,
 * 0 to 1 of full scale; absent when that stream is not open.
 */
export type Levels = {
  /**
   * What the microphone hears, before mute.
   */
  microphone: number | null,
  /**
   * What is sent to the customer, after mute.
   */
  sent: number | null,
  /**
   * What is played to the agent.
   */
  speaker: number | null,
  /**
   * What is played at the ringer.
   */
  ringer: number | null,
};
