// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AudioDevice } from "./AudioDevice";
import type { DeviceUse } from "./DeviceUse";
import type { RingtoneView } from "./RingtoneView";
import type { SoundView } from "./SoundView";

/**
 * Devices and ringtone.
 */
export type AudioView = {
  /**
   * Input devices.
   */
  inputs: Array<AudioDevice>,
  /**
   * Output devices.
   */
  outputs: Array<AudioDevice>,
  /**
   * Microphone.
   */
  microphone: DeviceUse,
  /**
   * Speaker.
   */
  speaker: DeviceUse,
  /**
   * Ringer.
   */
  ringer: DeviceUse,
  /**
   * Ringtone.
   */
  ringtone: RingtoneView,
  /**
   * One for each kind, in the order shown.
   */
  sounds: Array<SoundView>,
  /**
   * The ringtone plays now.
   */
  ringing: boolean,
  /**
   * Echo cancellation, noise suppression and gain control are on.
   */
  processing: boolean,
};
