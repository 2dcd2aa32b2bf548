/**
 * What the page knows of the panel: the agent's data, mute, devices, the network. It turns the panel's events into the
 * vendor's, so that the vendor's own `AgentDataProvider` finds out what is new and tells it in its own order.
 */
import {
  configurationOf,
  contactIdsOf,
  legsOf,
  snapshotOf,
  type AgentData,
  type Data,
  type Leg,
} from './picture.ts';
import { member, type Connect } from './vendor.ts';
import { isSaid } from './wire.ts';

/** Triggered when a leg goes on hold: `{contactId, participantId}`. */
export const HELD = 'trunkline::participant_hold';
/** Triggered when a leg comes off hold. */
export const RESUMED = 'trunkline::participant_resume';
/** Triggered when a leg can be taken off hold, or not any more: `{contactId, participantId, canResumeParticipant}`. */
export const CAN_RESUME = 'trunkline::can_resume_participant';
/** Triggered when the network status changes: `{status, timestamp}`. */
export const NETWORK = 'trunkline::network';
/** Triggered when something else is done to the agent's voice: `{voiceEnhancementMode}`. */
export const ENHANCEMENT = 'trunkline::voice_enhancement';

/** A device, as the vendor's `getFrameMediaDevices` gives it. */
export interface Device {
  deviceId: string;
  groupId: string;
  kind: string;
  label: string;
}

/** Triggers an event of the vendor's as if it came from above. */
export type Tell = (event: string, data?: unknown) => void;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const object = (value: unknown): Data => (isSaid(value) ? value : {});

/** The picture of the panel that the page has. */
export class Session {
  /** What the vendor's client and worker would keep. */
  readonly agent: Partial<AgentData> = {};
  private muted: boolean | undefined;
  private devices: Data = {};
  private status: { status: string; timestamp: number } | undefined;
  private readonly accepted = new Set<string>();

  constructor(
    private readonly connect: Connect,
    private readonly tell: Tell,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes what the panel says at the beginning, before the agent's data are told. */
  begin(result: unknown): void {
    const said = object(result);
    this.muted = object(said['mute'])['muted'] === true;
    this.devices = object(said['devices']);
    this.network(object(said['network']), false);
    if (isSaid(said['configuration'])) this.agent.configuration = configurationOf(said['configuration']);
    if (isSaid(said['snapshot'])) this.agent.snapshot = snapshotOf(said['snapshot'], this.now());
  }

  /** Tells the agent's data, once both halves are there; as the vendor's worker does, for every change of either. */
  publish(before: Partial<AgentData> = {}): void {
    const { snapshot, configuration } = this.agent;
    if (!snapshot || !configuration) return;
    // A new object each time: the vendor compares the old one with the new one.
    this.tell(member(this.connect.AgentEvents, 'UPDATE'), { snapshot, configuration });
    this.legs(legsOf(before.snapshot), legsOf(snapshot));
    const mode = text(configuration['voiceEnhancementMode']);
    if (before.configuration && before.configuration['voiceEnhancementMode'] !== mode) {
      this.tell(ENHANCEMENT, { voiceEnhancementMode: mode });
    }
    const present = contactIdsOf(snapshot);
    for (const id of [...this.accepted]) if (!present.has(id)) this.accepted.delete(id);
  }

  /** Takes an event of the panel's. Unknown ones are of a newer panel and left alone. */
  take(event: string, data: unknown): void {
    const said = object(data);
    const before = { ...this.agent };
    switch (event) {
      case 'snapshot':
        this.agent.snapshot = snapshotOf(said, this.now());
        return this.publish(before);
      case 'configuration':
        this.agent.configuration = configurationOf(said);
        return this.publish(before);
      case 'mute':
        return this.mute(said['muted'] === true);
      case 'devices':
        return this.chosen(said);
      case 'network':
        return this.network(said, true);
      case 'accepted':
        return this.accept(text(said['contactId']));
      case 'signedOut':
        return this.tell(member(this.connect.EventType, 'AUTH_FAIL'), said);
      case 'signedIn':
        return this.tell(member(this.connect.EventType, 'AUTHORIZE_SUCCESS'), said);
      default:
        return this.passing(event, said);
    }
  }

  /** Tells that a contact was accepted: once, whether this page or the panel was first. */
  accept(contactId: string | undefined): void {
    if (!contactId || this.accepted.has(contactId)) return;
    this.accepted.add(contactId);
    const event = member(this.connect.ContactEvents, 'ACCEPTED');
    this.tell(event, { contactId });
    this.tell(`${event}::${contactId}`, { contactId });
  }

  /** The computer's devices. */
  deviceList(): Device[] {
    const all = this.devices['list'];
    return Array.isArray(all) ? all.filter(isSaid).map((device) => ({ ...device }) as unknown as Device) : [];
  }

  /** The network status and when it came; the panel is there, so it begins as connected. */
  networkStatus(): { status: string; timestamp: number } {
    return this.status ?? { status: 'connected', timestamp: this.now() };
  }

  /** Whether a leg is on hold, and so can be taken off it. */
  canResume(connectionId: string): boolean {
    return legsOf(this.agent.snapshot).get(connectionId)?.state === 'hold';
  }

  private passing(event: string, said: Data): void {
    const { AgentEvents, ContactEvents, ChannelViewEvents } = this.connect;
    switch (event) {
      case 'viewContact':
        return this.tell(member(ContactEvents, 'VIEW'), said);
      case 'activateChannel':
        return this.tell(member(ChannelViewEvents, 'ACTIVATE_CHANNEL_WITH_VIEW_TYPE'), said);
      case 'mediaStream':
        return this.tell(member(AgentEvents, 'LOCAL_MEDIA_STREAM_CREATED'), said);
      case 'softphoneError': {
        const error = new this.connect.SoftphoneError(
          text(said['errorType']) ?? 'other',
          text(said['errorMessage']) ?? '',
          text(said['endPointUrl']) ?? null,
        );
        return this.tell(member(AgentEvents, 'SOFTPHONE_ERROR'), error);
      }
      default:
        return undefined;
    }
  }

  private mute(muted: boolean): void {
    if (this.muted === muted) return;
    this.muted = muted;
    this.tell(member(this.connect.AgentEvents, 'MUTE_TOGGLE'), { muted });
  }

  private chosen(devices: Data): void {
    const before = this.devices;
    this.devices = devices;
    for (const role of ['speaker', 'microphone', 'ringer']) {
      if (before[role] === devices[role]) continue;
      const event = member(this.connect.ConfigurationEvents, `${role.toUpperCase()}_DEVICE_CHANGED`);
      this.tell(event, { deviceId: devices[role] });
    }
  }

  private network(said: Data, tell: boolean): void {
    const status = text(said['status']);
    if (!status || this.status?.status === status) return;
    const before = this.status?.status;
    this.status = { status, timestamp: this.now() };
    if (!tell) return;
    this.tell(NETWORK, this.status);
    const { AgentEvents, WebSocketEvents } = this.connect;
    if (status === 'connected') {
      this.tell(member(WebSocketEvents, 'CONNECTION_GAIN'));
      this.tell(member(AgentEvents, 'WEBSOCKET_CONNECTION_GAINED'));
    } else if (before === 'connected') {
      this.tell(member(WebSocketEvents, 'CONNECTION_LOST'));
      this.tell(member(AgentEvents, 'WEBSOCKET_CONNECTION_LOST'));
    }
  }

  private legs(before: Map<string, Leg>, after: Map<string, Leg>): void {
    for (const leg of after.values()) {
      const was = before.get(leg.connectionId)?.state;
      if (was === undefined || was === leg.state) continue;
      const about = { contactId: leg.contactId, participantId: leg.connectionId };
      if (leg.state === 'hold') this.tell(HELD, about);
      else if (was === 'hold' && leg.state === 'connected') this.tell(RESUMED, about);
      if (leg.state === 'hold' || was === 'hold') {
        this.tell(CAN_RESUME, { ...about, canResumeParticipant: leg.state === 'hold' });
      }
    }
  }
}
