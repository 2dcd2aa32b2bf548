// Members that only read, by class. `when` is the name of the moment.
"use strict";

const AGENT_READS = `getState getStatus getAvailabilityState getNextState getAgentStates getContacts getConfiguration
  getPermissions getRoutingProfile getName getAgentARN getExtension getDialableCountries isSoftphoneEnabled getAllQueueARNs
  getVoiceEnhancementMode`.split(/\s+/);
const CONTACT_READS = `getContactId getOriginalContactId getInitialContactId getRelatedContactId getContactAssociationId getType
  getState getStatus getQueue getQueueTimestamp getConnections getInitialConnection getActiveInitialConnection
  getThirdPartyConnections getSingleActiveThirdPartyConnection getAgentConnection getActiveConnections hasTwoActiveParticipants
  getName getDescription getReferences getChannelContext getAttributes getSegmentAttributes getContactSubtype
  getContactFeatures getContactMetadata getInitiationMethod getCustomerEndpoint getConnectSystemEndpoint isSoftphoneCall
  isInbound isConnected isMultiPartyConferenceEnabled isUnderSupervision isCustomerFirstCallback isCampaignPreview
  isAutoAcceptEnabled hasVideoRTCCapabilities canAgentSendVideo canAgentReceiveVideo hasScreenShareCapability
  canAgentSendScreenShare canCustomerSendScreenShare toSnapshot`.split(/\s+/);
const LEG_READS = `getContactId getConnectionId getEndpoint getAddress getType isInitialConnection getState getStatus isActive
  isConnected isConnecting isOnHold getMonitorInfo getSoftphoneMediaInfo getMediaInfo getMediaType toSnapshot`.split(/\s+/);
const SUPERVISED = "isSilentMonitor isBarge isSilentMonitorEnabled isBargeEnabled getMonitorCapabilities getMonitorStatus";
const BY_MEDIUM = {
  softphone: ["VoiceConnection", `getQuickConnectName isMute isForcedMute ${SUPERVISED} canSendVideo getCapabilities
    canSendScreenShare`.split(/\s+/)],
  chat: ["ChatConnection", `getMediaInfo ${SUPERVISED} getAuthenticationDetails isAuthenticated getParticipantName`.split(" ")],
  task: ["TaskConnection", ["getMediaInfo", "getMediaType"]],
  email: ["EmailConnection", ["getMediaType"]],
};
const DURATIONS = ["getStateDuration", "getStatusDuration"];

function readAgent(when, agent) {
  const lane = `agent ${when}`;
  for (const name of AGENT_READS) read(lane, `Agent.${name}`, () => agent[name]());
  for (const name of DURATIONS) read(lane, `Agent.${name}`, () => typeof agent[name]());
  for (const channel of ["VOICE", "CHAT", "TASK"]) {
    read(lane, "Agent.getChannelConcurrency", () => agent.getChannelConcurrency(channel));
  }
  read(lane, "Agent.toSnapshot", () => agent.toSnapshot().getState().name);
}

function readLeg(lane, leg) {
  for (const name of LEG_READS) read(lane, `Connection.${name}`, () => leg[name]());
  for (const name of DURATIONS) read(lane, `Connection.${name}`, () => typeof leg[name]());
  const [kind, members] = BY_MEDIUM[leg.getMediaType()] || ["Connection", []];
  for (const name of members) read(lane, `${kind}.${name}`, () => leg[name]());
}

function readContact(when, contact) {
  const lane = `contact ${contact.getContactId()} ${when}`;
  for (const name of CONTACT_READS) read(lane, `Contact.${name}`, () => contact[name]());
  for (const name of [...DURATIONS, "getContactDuration"]) read(lane, `Contact.${name}`, () => typeof contact[name]());
  read(lane, "Contact.getEventName", () => contact.getEventName(connect.ContactEvents.CONNECTED));
  for (const leg of contact.getConnections()) readLeg(`${lane} ${leg.getConnectionId()}`, leg);
}

/** What takes its time: media and what hangs on closed services' side of a leg. */
async function readMedia(when, contact) {
  const medium = contact.getAgentConnection().getMediaType();
  const [kind] = BY_MEDIUM[medium] || ["Connection"];
  const leg = contact.getAgentConnection();
  const lane = `contact ${contact.getContactId()} ${when}`;
  await readLater(lane, kind === "ChatConnection" || kind === "TaskConnection" ? `${kind}.getMediaController`
    : "Connection.getMediaController", async () => typeof (await leg.getMediaController()));
  if (medium === "chat") {
    await readLater(lane, "ChatConnection.getConnectionToken", async () => typeof (await leg.getConnectionToken()));
  }
  if (medium !== "softphone") return;
  await readLater(lane, "VoiceConnection.getVideoConnectionInfo", async () => typeof (await leg.getVideoConnectionInfo()));
  await readLater(lane, "VoiceConnection.canResumeParticipant", () => leg.canResumeParticipant());
  for (const name of ["onParticipantHold", "onParticipantResume", "onCanResumeParticipantUpdated"]) {
    read(lane, `VoiceConnection.${name}`, () => typeof leg[name](() => undefined).unsubscribe);
  }
}

function readBus() {
  const lane = "bus";
  const bus = new connect.EventBus({ logEvents: false });
  const heard = [];
  const first = bus.subscribe("one", (data, name) => heard.push(`${name} ${data}`));
  bus.subscribeAll((data, name) => heard.push(`all ${name} ${data}`));
  read(lane, "EventBus.subscribe", () => typeof first.unsubscribe);
  read(lane, "EventBus.getSubscriptions", () => bus.getSubscriptions("one").length);
  bus.trigger("one", 1);
  read(lane, "EventBus.trigger", () => heard);
  const other = new connect.EventBus({ logEvents: false });
  other.subscribe("two", (data) => heard.push(`bridged ${data}`));
  other.bridge()(2, "two");
  read(lane, "EventBus.bridge", () => heard);
  first.unsubscribe();
  bus.trigger("one", 3);
  read(lane, "Subscription.unsubscribe", () => heard);
  read(lane, "EventBus.subscribeAll", () => heard.filter((line) => line.startsWith("all")));
  bus.unsubscribeAll();
  bus.trigger("one", 4);
  read(lane, "EventBus.unsubscribeAll", () => heard);
}

function readLog() {
  const lane = "log";
  const log = connect.getLog();
  read(lane, "connect.getLog", () => typeof log.info);
  for (const name of ["trace", "debug", "info", "log", "warn", "error", "test", "critical"]) {
    read(lane, `Logger.${name}`, () => {
      const entry = log[name]("%s of a page", name);
      return [entry.getLevel(), entry.getText()];
    });
  }
  const entry = log.info("with things");
  read(lane, "LogEntry.withObject", () => entry.withObject({ a: 1 }) === entry);
  read(lane, "LogEntry.withException", () => entry.withException(new Error("of a page")) === entry);
  read(lane, "LogEntry.withCrossOriginEventObject", () =>
    typeof log.info("x").withCrossOriginEventObject(new MessageEvent("message", { data: {} })).getText());
  for (const name of ["getLevel", "getText", "getComponent"]) read(lane, `LogEntry.${name}`, () => entry[name]());
  read(lane, "LogEntry.getTime", () => typeof entry.getTime());
  read(lane, "Logger.write", () => log.write("info", "written").getText());
  read(lane, "Logger.setLogLevel", () => log.setLogLevel("INFO"));
  read(lane, "Logger.setEchoLevel", () => log.setEchoLevel("ERROR"));
  read(lane, "Logger.setLogRollInterval", () => log.setLogRollInterval(1800000));
  read(lane, "Logger.addLogEntry", () => typeof log.addLogEntry(entry));
  read(lane, "Logger.clearObjects", () => log.clearObjects());
  read(lane, "Logger.clearExceptions", () => log.clearExceptions());
  read(lane, "Logger.toString", () => log.toString().includes("with things"));
  read(lane, "Logger.download", () => log.download());
  read(lane, "Logger.getLoggerId", () => typeof log.getLoggerId());
}

const ENUMERATIONS = `AgentStateType AgentStatusType AgentAvailStates AgentErrorStates AgentEvents AgentPermissions AddressType
  ChannelType ClickType ConfigurationEvents ConnectionEvents ConnnectionEvents ConnectionStateType ConnectionStatusType
  ConnectionType ContactEvents ContactInitiationMethod ContactStateType ContactStatusType ContactType CONTACT_ACTIVE_STATES
  CTIExceptions EndpointType EventType LogLevel MasterTopics MediaType MonitoringErrorTypes MonitoringMode ReferenceType
  RetryStatus RetryableErrors ScreenShareCapability SoftphoneCallType SoftphoneErrorTypes VideoCapability
  WebSocketEvents`.split(/\s+/);

function readConstants() {
  const lane = "constants";
  read(lane, "connect.version", () => connect.version);
  for (const name of ENUMERATIONS) read(lane, name, () => connect[name]);
  for (const name of ["MAX_AUTHORIZE_RETRY_COUNT_FOR_SESSION", "MAX_CTI_AUTH_RETRY_COUNT", "MAX_UNAUTHORIZED_RETRY_COUNT",
    "MAX_ACCESS_DENIED_RETRY_COUNT"]) read(lane, `core.${name}`, () => connect.core[name]);
  read(lane, "lily", () => window.lily === connect);
  read(lane, "Address", () => connect.Address === connect.Endpoint);
  read(lane, "Connection", () => connect.Connection === connect.VoiceConnection);
  const number = connect.Endpoint.byPhoneNumber("+12025550100", "Somebody");
  read(lane, "Endpoint.byPhoneNumber", () => number);
  read(lane, "Endpoint.stripPhoneNumber", () => number.stripPhoneNumber());
  read(lane, "Endpoint", () => new connect.Endpoint({ name: "Sales", type: "queue", endpointARN: "arn" }));
  const error = new connect.SoftphoneError("user_busy_error", "busy", "wss://example.com");
  for (const name of ["getErrorType", "getErrorMessage", "getEndPointUrl"]) {
    read(lane, `SoftphoneError.${name}`, () => error[name]());
  }
}

async function readCore() {
  const lane = "core";
  const { core } = connect;
  for (const name of ["getEventBus", "getClient", "getMasterClient", "getUpstream", "getNotificationManager",
    "getPopupManager", "getAgentDataProvider", "getWebSocketManager", "getApiProxyClient", "getAgentAppClient",
    "getTaskTemplatesClient", "getSoftphoneManager"]) read(lane, `core.${name}`, () => typeof core[name]());
  read(lane, "core.getSkew", () => typeof core.getSkew());
  read(lane, "core.getLocalTimestamp", () => typeof core.getLocalTimestamp());
  read(lane, "core.getContactEventName", () => core.getContactEventName(connect.ContactEvents.ENDED, "id"));
  await readLater(lane, "core.getFrameMediaDevices", async () => Array.isArray(await core.getFrameMediaDevices(1000)));
  await readLater(lane, "Client.call", () => new Promise((success, failure) =>
    core.getClient().call("getAgentSnapshot", {}, { success: (data) => success(typeof data.snapshot), failure })));
  const sockets = core.getWebSocketManager() || {};
  for (const name of ["onMessage", "onAllMessage", "onConnectionGain", "onConnectionLost", "onConnectionOpen",
    "onConnectionClose", "onInitFailure", "onSubscriptionUpdate", "onSubscriptionFailure", "onDeepHeartbeatSuccess",
    "onDeepHeartbeatFailure", "onTopicFailure"]) {
    const given = name === "onMessage" ? ["aws/of-a-page"] : [];
    read(lane, `WebSocketManager.${name}`, () => typeof sockets[name](...given, () => undefined));
  }
  read(lane, "WebSocketManager.sendMessage", () => typeof sockets.sendMessage({ topic: "of-a-page" }));
  await readLater(lane, "WebSocketManager.subscribeTopics", async () => typeof (await sockets.subscribeTopics(["aws/of-a-page"])));
  read(lane, "core.onSoftphoneSessionInit", () => typeof core.onSoftphoneSessionInit(() => undefined).unsubscribe);
  read(lane, "core.setSoftphoneUserMediaStream", () => core.setSoftphoneUserMediaStream(undefined));
  read(lane, "core.triggerReadyToStartSessionEvent", () => core.triggerReadyToStartSessionEvent());
  read(lane, "NotificationManager.show", () => typeof core.getNotificationManager().show);
  read(lane, "PopupManager.clear", () => core.getPopupManager().clear("of-a-page"));
  for (const name of ["getActiveRegion", "onFailoverDetected", "onFailoverPending", "onFailoverCompleted", "onConfigureError"]) {
    read(lane, `globalResiliency.${name}`, () => typeof connect.globalResiliency[name](() => undefined));
  }
}

/** Members that start a CCP. A page has no use for them once it has one; called last. */
function readStart() {
  const lane = "start";
  for (const name of ["initSharedWorker", "initClient", "initSoftphoneManager", "initRingtoneEngines", "initPageOptions",
    "initApiProxyService", "initDisasterRecovery", "initAgentAppClient", "initTaskTemplatesClient",
    "reauthenticateAfterLogout"]) read(lane, `core.${name}`, () => connect.core[name]({}));
}
