/** Every member of the public interface is there; those that cannot work say why, and so does the guide. */
import { JSDOM } from 'jsdom';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { REASONS } from '../../facade/streams/absent.ts';
import { PanelDouble, settled, type Page } from './streams-page.ts';
import { CONFERENCE, CONTACT, first } from './streams-pictures.ts';

let panel: PanelDouble;
let connect: Page;
beforeAll(async () => {
  panel = new PanelDouble(first(CONFERENCE));
  connect = panel.connect;
  connect.core.initCCP(panel.container, { ccpUrl: 'https://example.my.connect.aws/ccp-v2/' });
  await settled();
});
afterAll(() => panel.close());

const members: Record<string, string> = {
  core: `initCCP terminate onInitialized initSharedWorker initClient initSoftphoneManager initRingtoneEngines
    initPageOptions initApiProxyService initDisasterRecovery initAgentAppClient initTaskTemplatesClient getEventBus getClient
    getMasterClient getApiProxyClient getAgentAppClient getTaskTemplatesClient getUpstream getSoftphoneManager
    getNotificationManager getPopupManager getAgentDataProvider getWebSocketManager getFrameMediaDevices getSDKClientConfig
    getSkew getLocalTimestamp getContactEventName onAuthFail onAccessDenied onAuthorizeSuccess onAuthorizeRetriesExhausted
    onCTIAuthorizeRetriesExhausted onIframeRetriesExhausted reauthenticateAfterLogout viewContact onViewContact
    activateChannelWithViewType onActivateChannelWithViewType triggerTaskCreated triggerEmailCreated onSoftphoneSessionInit
    setSoftphoneUserMediaStream triggerReadyToStartSessionEvent onConfigure sendConfigure listenForConfigureRequest
    terminateCustomView authorize verifyDomainAccess isLegacyDomain authenticate getLilyAgentConfig validateGlobalSignin`,
  '': `agent contact onWebsocketInitFailure ifMaster becomeMaster sendActivity getLog hitch sprintf vsprintf find index merge
    deepcopy keys values entries contains set randomId now assertNotNull assertTrue isArray isFunction backoff fetch
    fetchWithTimeout isValidLocale isFramed isCCP isCRM isSharedWorker publishMetric publishSoftphoneStats
    publishSoftphoneReport publishClickStreamData publishClientSideLogs addNamespaceToLogs ValueError StateError
    NotImplementedError VoiceIdError EventBus Logger LogEntry Stream NullStream WindowStream WindowIOStream PortStream
    StreamMultiplexer Conduit IFrameConduit GRProxyIframeConduit KeepaliveManager NotificationManager PopupManager Address
    Endpoint SoftphoneError AgentSnapshot ContactSnapshot ConnectionSnapshot Connection BaseConnection QuickResponses
    SessionExpirationWarningManager VoiceId hasOtherConnectedCCPs`,
  agentApp: 'initApp initCCP initAppCommunication isInitialized stopApp AppRegistry',
  storageAccess: `init canRequest request onRequest optInForRequestAccess optOutFromRequestAccess resetStorageAccessState
    getStorageAccessParams getRequestStorageAccessUrl`,
  globalResiliency:
    'getActiveRegion onFailoverDetected onFailoverPending onFailoverCompleted onConfigureError forceFailover',
  'Agent.prototype': `onRefresh onStateChange onRoutable onNotRoutable onOffline onError onAfterCallWork onEnqueuedNextState
    onClearedNextState onSoftphoneError onWebSocketConnectionLost onWebSocketConnectionGained onNetworkConnectionStatusChanged
    getNetworkConnectionStatus onMuteToggle onLocalMediaStreamCreated onSpeakerDeviceChanged onMicrophoneDeviceChanged
    onRingerDeviceChanged onCameraDeviceChanged onBackgroundBlurChanged onVoiceEnhancementModeChanged getState getStatus
    getStateDuration getStatusDuration getAvailabilityState getNextState setState setStatus getAgentStates getContacts
    getConfiguration getPermissions getRoutingProfile getName getAgentARN getExtension getDialableCountries isSoftphoneEnabled
    getAllQueueARNs getChannelConcurrency setConfiguration getVoiceEnhancementMode setVoiceEnhancementMode connect getEndpoints
    getAddresses mute unmute setSpeakerDevice setMicrophoneDevice setRingerDevice setCameraDevice setBackgroundBlur toSnapshot`,
  'Contact.prototype': `onRefresh onIncoming onPending onConnecting onConnected onAccepted onMissed onEnded onACW onError
    onDestroy getEventName getContactId getOriginalContactId getInitialContactId getRelatedContactId getContactAssociationId
    getType getState getStatus getStateDuration getStatusDuration getContactDuration getQueue getQueueTimestamp getConnections
    getInitialConnection getActiveInitialConnection getThirdPartyConnections getSingleActiveThirdPartyConnection
    getAgentConnection getActiveConnections hasTwoActiveParticipants getName getDescription getReferences getChannelContext
    getAttributes getSegmentAttributes getContactSubtype getContactFeatures getContactMetadata getInitiationMethod
    getCustomerEndpoint getConnectSystemEndpoint isSoftphoneCall isInbound isConnected isMultiPartyConferenceEnabled
    isUnderSupervision isCustomerFirstCallback isCampaignPreview isAutoAcceptEnabled accept reject clear complete destroy
    addConnection toggleActiveConnections conferenceConnections addParticipant transfer pause resume
    updateMonitorParticipantState silentMonitor bargeIn notifyIssue sendSoftphoneMetrics sendSoftphoneReport
    hasVideoRTCCapabilities canAgentSendVideo canAgentReceiveVideo hasScreenShareCapability canAgentSendScreenShare
    canCustomerSendScreenShare startScreenSharing stopScreenSharing onScreenSharingStarted onScreenSharingStopped
    onScreenSharingError engagePreviewContact getPreviewConfiguration isPreviewMode getInstanceDetails toSnapshot`,
  'BaseConnection.prototype': `getContactId getConnectionId getEndpoint getAddress getType isInitialConnection getState getStatus
    getStateDuration getStatusDuration isActive isConnected isConnecting isOnHold getMonitorInfo getSoftphoneMediaInfo destroy
    hold resume sendDigits toSnapshot`,
  'VoiceConnection.prototype': `getMediaInfo getMediaType getMediaController getQuickConnectName isMute isForcedMute
    muteParticipant unmuteParticipant isSilentMonitor isBarge isSilentMonitorEnabled isBargeEnabled getMonitorCapabilities
    getMonitorStatus canSendVideo getCapabilities getVideoConnectionInfo canSendScreenShare onParticipantHold
    onParticipantResume canResumeParticipant onCanResumeParticipantUpdated getVoiceIdSpeakerId getVoiceIdSpeakerStatus
    enrollSpeakerInVoiceId evaluateSpeakerWithVoiceId optOutVoiceIdSpeaker deleteVoiceIdSpeaker updateVoiceIdSpeakerId`,
  'ChatConnection.prototype': `getMediaInfo getConnectionToken getMediaController isSilentMonitor isBarge
    isSilentMonitorEnabled isBargeEnabled getMonitorCapabilities getMonitorStatus getAuthenticationDetails isAuthenticated
    getParticipantName`,
  'TaskConnection.prototype': 'getMediaInfo getMediaType getMediaController',
  'EmailConnection.prototype': 'getMediaType',
  QuickResponses: 'isEnabled searchQuickResponses',
  'SessionExpirationWarningManager.prototype':
    'onExpirationWarning onExpirationWarningCleared onSessionExtensionError',
  'EventBus.prototype': 'subscribe subscribeAll trigger getSubscriptions bridge unsubscribeAll',
  'Logger.prototype': `trace debug info log warn error test critical write setLogLevel setEchoLevel setLogRollInterval download
    addLogEntry clearObjects clearExceptions toString getLoggerId`,
  Endpoint: 'byPhoneNumber',
  'Endpoint.prototype': 'stripPhoneNumber',
  'SoftphoneError.prototype': 'getErrorType getErrorMessage getEndPointUrl',
};

const at = (path: string): Page =>
  path.split('.').reduce((value, name) => (name ? value[name] : value), connect);

describe('members', () => {
  test.each(Object.keys(members))('of connect.%s', (path) => {
    const lacking = (members[path] ?? '').split(/\s+/).filter((name) => name && at(path)[name] === undefined);
    expect(lacking, 'every member is there').toEqual([]);
  });

  test('enumerations and constants are the vendor’s own', () => {
    const dom = new JSDOM('', { url: 'https://page.example/', runScripts: 'outside-only' });
    const file = createRequire(import.meta.url).resolve('amazon-connect-streams/release/connect-streams.js');
    dom.window.eval(readFileSync(file, 'utf8'));
    const untouched = (dom.window as unknown as { connect: Record<string, unknown> }).connect;
    const plain = (from: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(from).filter(
          ([name, value]) =>
            /^[A-Z]/.test(name) &&
            typeof value === 'object' &&
            value !== null &&
            JSON.stringify(value) !== '{}',
        ),
      );
    const enumerations = plain(untouched);
    expect(Object.keys(enumerations).length, 'there are many').toBeGreaterThan(40);
    expect(JSON.parse(JSON.stringify(plain(connect))), 'none was changed').toEqual(
      JSON.parse(JSON.stringify(enumerations)),
    );
    dom.window.close();
  });
});

/** A member, a call of it, and what it is rejected with. */
type Case = [name: string, call: () => Promise<unknown>, reason: string];

describe('members that cannot work', () => {
  const voiceId = (name: string): Case => [name, () => leg()[name](), REASONS.voiceId];
  const contact = () => new connect.Contact(CONTACT);
  const leg = () => contact().getAgentConnection();

  test.each<Case>([
    ['engagePreviewContact', () => contact().engagePreviewContact(), REASONS.closed],
    ['getPreviewConfiguration', () => contact().getPreviewConfiguration(), REASONS.closed],
    ['isPreviewMode', () => contact().isPreviewMode(), REASONS.closed],
    ['getInstanceDetails', () => contact().getInstanceDetails(), REASONS.closed],
    voiceId('getVoiceIdSpeakerId'),
    voiceId('getVoiceIdSpeakerStatus'),
    voiceId('enrollSpeakerInVoiceId'),
    voiceId('evaluateSpeakerWithVoiceId'),
    voiceId('optOutVoiceIdSpeaker'),
    voiceId('deleteVoiceIdSpeaker'),
    voiceId('updateVoiceIdSpeakerId'),
  ])('%s is rejected with its reason', async (_name, call, reason) => {
    await expect(call(), 'with the reason').rejects.toMatchObject({ message: reason });
  });

  test('start-up functions return, and subscriptions can be ended', () => {
    const start = [
      'initSoftphoneManager',
      'initRingtoneEngines',
      'initPageOptions',
      'initSharedWorker',
      'initClient',
    ];
    for (const name of start) expect(connect.core[name]({}), `${name} does nothing`).toBeUndefined();
    expect(connect.core.getSoftphoneManager(), 'the panel has the sound').toBeNull();
    expect(() => connect.core.getSDKClientConfig(), 'no clients of the SDK').toThrow(REASONS.sdk);
    const warnings = new connect.SessionExpirationWarningManager();
    for (const on of ['onExpirationWarning', 'onExpirationWarningCleared', 'onSessionExtensionError']) {
      expect(() => warnings[on](() => undefined).unsubscribe(), on).not.toThrow();
    }
    expect(() => connect.globalResiliency.forceFailover(), 'left to the panel').not.toThrow();
    expect(connect.storageAccess.canRequest(), 'no cookies are needed').toBeFalsy();
  });

  test('what the panel refuses by itself rejects the promise', async () => {
    panel.answers.set('qrIntegrationExists', () => ({
      ok: false,
      error: { type: 'NotImplementedException', message: '' },
    }));
    await expect(connect.QuickResponses.isEnabled(), 'quick responses').rejects.toContain(
      'NotImplementedException',
    );
    await expect(leg().getMediaController(), 'of a call: what is known of it').resolves.toMatchObject({
      callType: 'audio_only',
    });
  });

  test('the guide names each of them', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/plugins/streams.md'), 'utf8');
    const absent =
      `engagePreviewContact getPreviewConfiguration isPreviewMode getInstanceDetails startScreenSharing
      getVoiceIdSpeakerId updateVoiceIdSpeakerId QuickResponses SessionExpirationWarningManager sendActivity getSDKClientConfig
      initSoftphoneManager initRingtoneEngines initPageOptions initSharedWorker initClient initAgentAppClient
      initTaskTemplatesClient initApiProxyService initDisasterRecovery reauthenticateAfterLogout getConnectionToken
      getVideoConnectionInfo getMediaController getWebSocketManager storageAccess globalResiliency agentApp
      setCameraDevice setBackgroundBlur createTaskContact createTransport`.split(/\s+/);
    expect(
      absent.filter((name) => !guide.includes(`\`${name}`)),
      'each is in the guide',
    ).toEqual([]);
    for (const reason of Object.values(REASONS)) expect(guide, 'in the same words').toContain(reason);
  });
});
