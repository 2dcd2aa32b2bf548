/**
 * Typings of `trunkline/streams.js`, for pages that Trunkline holds.
 *
 * They are the vendor's, with what is different here. To use them without Trunkline's sources: copy this file beside your
 * own, and `npm install --save-dev amazon-connect-streams@2.28.2`. Which members do nothing or fail, and why, says
 * https://github.com/amazon-connect/amazon-connect-streams for the vendor's part and Trunkline's guide for plugins for ours.
 */
/// <reference types="amazon-connect-streams" />

declare namespace connect {
  /** Why the panel refused a call. Failure callbacks get it as JSON text, as the vendor's worker hands it on. */
  interface PanelRefusal {
    /**
     * The vendor's name of such an error (`connect.CTIExceptions`), or: `NotImplementedException` (cannot be done here),
     * `ThrottlingException` (too many messages), `ValidationException` (a parameter is missing or of another kind),
     * `TimeoutError`, `TerminatedException`.
     */
    readonly type: string;
    readonly message: string;
    readonly stack: readonly never[];
    readonly retryStatus: 'none';
  }

  /** A device of the computer; its name is its id. `default` is the system's own choice. */
  interface PanelDevice {
    readonly deviceId: string;
    readonly groupId: string;
    readonly kind: 'audioinput' | 'audiooutput';
    readonly label: string;
  }

  /** What `VoiceConnection.onParticipantHold` and `onParticipantResume` give. */
  interface ParticipantHoldEvent {
    readonly contactId: string;
    readonly participantId: string;
  }

  /** What `VoiceConnection.onCanResumeParticipantUpdated` gives. */
  interface CanResumeParticipantEvent extends ParticipantHoldEvent {
    readonly canResumeParticipant: boolean;
  }

  /** Call `initCCP` with nothing at all, or as you would with the CCP: addresses, pop-ups and sounds are left alone. */
  interface PanelOptions {
    /** How long the panel has for its answer, in milliseconds (5000). */
    readonly ccpLoadTimeout?: number;
    readonly onViewContact?: (event: ViewContactEvent) => void;
    readonly logConfig?: { readonly logLevel?: string; readonly echoLevel?: string };
  }

  interface Endpoint {
    /** The number without the parts of a SIP address. The vendor's typings leave it out. */
    stripPhoneNumber(): string;
  }

  interface Core {
    initCCP(container?: HTMLElement | null, options?: PanelOptions): void;
  }
}
