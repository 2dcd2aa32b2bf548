/**
 * Members of the vendor's that cannot do here what they do there, each with its reason. They fail or do nothing, in the way
 * a page expects of them: a promise is rejected, a subscription never fires, a start-up function returns.
 */
import type { Adoption } from './adopt.ts';
import { CAN_RESUME, ENHANCEMENT, HELD, NETWORK, RESUMED } from './session.ts';
import type { Connect, ConnectionLike, Handler, Subscription, VendorClass } from './vendor.ts';
import { isSaid, Refused } from './wire.ts';

/** Why a member does nothing, or fails. The guide for pages repeats these words. */
export const REASONS = {
  closed: 'Not available: the service behind it is not public.',
  voiceId: 'Not available: Amazon Connect Voice ID ended on 20 May 2026.',
  panelHasSound: 'Does nothing here: calls, sounds and devices belong to the panel.',
  panelIsThere: 'Does nothing here: the panel is what this would start.',
  sdk: 'Not available: clients of the AmazonConnectSDK need services that are not public.',
} as const;

const NEVER: Subscription = { unsubscribe: () => undefined };

/** Replaces what depends on services that a page does not reach here. */
export function replaceAbsent(connect: Connect, adoption: Adoption): void {
  startUp(connect);
  closed(connect);
  voiceId(connect);
  ownWatch(connect, adoption);
  notices(connect, adoption);
}

function fail(reason: string): () => Promise<never> {
  return () => Promise.reject(new Refused('NotImplementedException', reason));
}

function idle(connect: Connect, name: string, reason: string): () => void {
  return () => {
    connect.getLog().warn(`${name}: ${reason}`);
  };
}

/** What a CCP does for itself when it starts. Pages call some of it out of habit. */
function startUp(connect: Connect): void {
  const { core } = connect;
  for (const name of ['initSoftphoneManager', 'initRingtoneEngines', 'initPageOptions']) {
    core[name] = idle(connect, name, REASONS.panelHasSound);
  }
  const others = [
    'initSharedWorker',
    'initClient',
    'initAgentAppClient',
    'initTaskTemplatesClient',
    'initApiProxyService',
    'initDisasterRecovery',
    'reauthenticateAfterLogout',
    'authenticate',
  ];
  for (const name of others) core[name] = idle(connect, name, REASONS.panelIsThere);
  core['getSDKClientConfig'] = () => {
    throw new Refused('NotImplementedException', REASONS.sdk);
  };
  const apps = connect['agentApp'];
  if (isSaid(apps)) apps['initAppCommunication'] = idle(connect, 'initAppCommunication', REASONS.closed);
}

function closed({ Contact, Agent }: Connect): void {
  for (const name of [
    'engagePreviewContact',
    'getPreviewConfiguration',
    'isPreviewMode',
    'getInstanceDetails',
  ]) {
    Contact.prototype[name] = fail(REASONS.closed);
  }
  Agent.prototype['_getSDKClient'] = () => undefined;
  Contact.prototype['_getSDKClient'] = () => undefined;
}

/** Voice ID's members, and the members of its own class. */
function voiceId(connect: Connect): void {
  const refuse = () => Promise.reject(connect.VoiceIdError('not_supported', REASONS.voiceId));
  const members = [
    'getVoiceIdSpeakerId',
    'getVoiceIdSpeakerStatus',
    'optOutVoiceIdSpeaker',
    'deleteVoiceIdSpeaker',
    'evaluateSpeakerWithVoiceId',
    'enrollSpeakerInVoiceId',
    'updateVoiceIdSpeakerId',
  ];
  for (const name of members) connect.VoiceConnection.prototype[name] = refuse;
  const { prototype } = connect['VoiceId'] as VendorClass;
  for (const name of Object.keys(prototype)) if (name !== 'constructor') prototype[name] = refuse;
}

/** What the vendor gets from closed services and the panel knows by itself. */
function ownWatch(connect: Connect, adoption: Adoption): void {
  const on = (event: string, handler: Handler): Subscription =>
    connect.core.getEventBus()?.subscribe(event, (data) => handler(data, event)) ?? NEVER;
  const onLeg = (leg: ConnectionLike, event: string, handler: Handler): Subscription => {
    const id = leg.getConnectionId();
    return on(event, (data) => {
      if (isSaid(data) && data['participantId'] === id) handler(data, event);
    });
  };
  const agent = connect.Agent.prototype;
  agent['onNetworkConnectionStatusChanged'] = (handler: Handler) => on(NETWORK, handler);
  agent['getNetworkConnectionStatus'] = () =>
    adoption.session
      ? Promise.resolve(adoption.session.networkStatus())
      : Promise.reject(new Refused('TerminatedException', 'There is no panel.'));
  agent['onVoiceEnhancementModeChanged'] = (handler: Handler) => on(ENHANCEMENT, handler);
  agent['setVoiceEnhancementMode'] = (mode: string) => {
    if (!['VOICE_ISOLATION', 'NOISE_SUPPRESSION', 'NONE'].includes(mode)) {
      throw new Error(`Invalid voice enhancement mode ${mode}`);
    }
    return ask(adoption, 'setVoiceEnhancementMode', { mode });
  };
  const voice = connect.VoiceConnection.prototype;
  voice['onParticipantHold'] = function (this: ConnectionLike, handler: Handler) {
    return onLeg(this, HELD, handler);
  };
  voice['onParticipantResume'] = function (this: ConnectionLike, handler: Handler) {
    return onLeg(this, RESUMED, handler);
  };
  voice['onCanResumeParticipantUpdated'] = function (this: ConnectionLike, handler: Handler) {
    return onLeg(this, CAN_RESUME, handler);
  };
  voice['canResumeParticipant'] = function (this: ConnectionLike) {
    return Promise.resolve(adoption.session?.canResume(this.getConnectionId()) ?? false);
  };
  connect['sendActivity'] = () => {
    connect.getLog().warn(`sendActivity: ${REASONS.closed}`);
    return Promise.resolve();
  };
  connect['SessionExpirationWarningManager'] = class {
    onExpirationWarning(): Subscription {
      return NEVER;
    }
    onExpirationWarningCleared(): Subscription {
      return NEVER;
    }
    onSessionExtensionError(): Subscription {
      return NEVER;
    }
  };
}

/** Desktop notices go through the panel: a page in a frame gets no permission of the system's. */
function notices(connect: Connect, adoption: Adoption): void {
  const { prototype } = connect.NotificationManager;
  prototype['requestPermission'] = function (this: { permission: string }) {
    this.permission = 'granted';
  };
  prototype['show'] = (title: string, options?: { body?: string }) => {
    ask(adoption, 'notify', { title, body: options?.body ?? '' }).catch((error: unknown) => {
      connect.getLog().warn('A notice was refused.').withException(error);
    });
    return undefined;
  };
}

function ask(adoption: Adoption, method: string, params: Record<string, unknown>): Promise<unknown> {
  return (
    adoption.line?.ask('call', { method, params }) ??
    Promise.reject(new Refused('TerminatedException', 'There is no panel.'))
  );
}
