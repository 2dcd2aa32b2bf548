// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AudioDevice } from "./AudioDevice";
import type { DeviceUse } from "./DeviceUse";
import type { RingtoneView } from "./RingtoneView";
import type { SoundView } from "./SoundView";
import type { VoiceEnhancement } from "./VoiceEnhancement";

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
   * Echo cancellation and gain control are on, and what `enhancement` says.
   */
  processing: boolean,
  /**
   * What else is done to the agent's voice while `processing` is on.
   */
  enhancement: VoiceEnhancement,
  /**
   * The microphone opens while a call rings; nothing of it is sent before the answer.
   */
  early_microphone: boolean,
};
