// A page as one writes it for the vendor's library: it listens to everything,
// follows orders, and posts what it sees. It runs unchanged at the vendor's
// library and in the panel.
"use strict";

let agent;
const CCP = document.querySelector("#ccp");

// --- Events -----------------------------------------------------------------

const drawn = {};
function changed(lane, member, detail) {
  if (drawn[lane] === detail) return;
  drawn[lane] = detail;
  record(lane, member, detail);
}

function agentPicture(now) {
  const next = now.getNextState();
  const state = now.getState();
  changed("agent picture", "Agent.onRefresh", `${state.type} ${state.name}` + (next ? `, then ${next.name}` : ""));
}

function contactPicture(contact) {
  const own = contact.getAgentConnection();
  const first = contact.getInitialConnection();
  const leg = (name, one) => (one ? [`${name} ${one.getStatus().type}`] : []);
  const parts = [
    ...leg("agent", own),
    // Of a task or an e-mail the agent's own connection is the initial one.
    ...leg("customer", first && own && first.getConnectionId() !== own.getConnectionId() ? first : null),
    ...contact.getThirdPartyConnections().flatMap((one) => leg((one.getEndpoint() || {}).phoneNumber || "third", one)),
  ];
  return `${contact.getStatus().type}: ${parts.join(", ")}`;
}

const AGENT_EVENTS = {
  onStateChange: ({ oldState, newState }) => `${oldState} to ${newState}`,
  onMuteToggle: ({ muted }) => `muted ${muted}`,
  onRoutable: (now) => now.getState().name,
  onNotRoutable: (now) => now.getState().name,
  onOffline: (now) => now.getState().name,
  onError: (now) => now.getState().name,
  onAfterCallWork: (now) => now.getState().name,
  onEnqueuedNextState: (now) => (now.getNextState() || {}).name,
  onClearedNextState: (now) => words(now.getNextState()),
};
// What computer and network do in between is not the script's, but that one can listen is looked at.
const QUIET = `onSoftphoneError onWebSocketConnectionLost onWebSocketConnectionGained onNetworkConnectionStatusChanged
  onLocalMediaStreamCreated onSpeakerDeviceChanged onMicrophoneDeviceChanged onRingerDeviceChanged
  onVoiceEnhancementModeChanged`.split(/\s+/);
const CONTACT_EVENTS = `onIncoming onPending onConnecting onConnected onAccepted onMissed onEnded onACW onError onDestroy`.split(" ");

function subscribe(lane, kind, on, name, handler) {
  read(lane, `${kind}.${name}`, () => typeof on[name](safely(handler)).unsubscribe);
}

function followAgent(now) {
  agent = now;
  for (const [name, detail] of Object.entries(AGENT_EVENTS)) {
    subscribe("agent subscriptions", "Agent", now, name, (data) => record("agent events", `Agent.${name}`, detail(data)));
  }
  for (const name of QUIET) subscribe("agent subscriptions", "Agent", now, name, () => undefined);
  subscribe("agent subscriptions", "Agent", now, "onRefresh", agentPicture);
  agentPicture(now);
  record("page", "connect.agent", connect.version);
}

function followContact(contact) {
  const id = contact.getContactId();
  record(`contact ${id} begins`, "connect.contact", `${contact.getType()} ${contact.getStatus().type}`);
  for (const name of CONTACT_EVENTS) {
    // Told when the service has taken the order: before or after the snapshot that shows it.
    const accepted = name === "onAccepted";
    const lane = `contact ${id} ${accepted ? "accepted" : "events"}`;
    subscribe(`contact ${id} subscriptions`, "Contact", contact, name, (of) =>
      record(lane, `Contact.${name}`, accepted || name === "onDestroy" ? "" : of.getStatus().type));
  }
  subscribe(`contact ${id} subscriptions`, "Contact", contact, "onRefresh", (of) =>
    changed(`contact ${id} picture`, "Contact.onRefresh", contactPicture(of)));
  changed(`contact ${id} picture`, "Contact.onRefresh", contactPicture(contact));
}

const CORE_EVENTS = `onAuthFail onAccessDenied onAuthorizeSuccess onAuthorizeRetriesExhausted onCTIAuthorizeRetriesExhausted
  onIframeRetriesExhausted`.split(/\s+/);

function followCore() {
  const { core } = connect;
  for (const name of CORE_EVENTS) {
    read("core subscriptions", `core.${name}`, () => typeof core[name](() => undefined).unsubscribe);
  }
  for (const name of ["onViewContact", "onActivateChannelWithViewType"]) {
    subscribe("core subscriptions", "core", core, name, (event) => record("core events", `core.${name}`, words(event)));
  }
  core.getEventBus().subscribe(connect.TaskEvents.CREATED, (data) => record("core events", "core.triggerTaskCreated", words(data)));
  core.getEventBus().subscribe(connect.EmailEvents.CREATED, (data) => record("core events", "core.triggerEmailCreated", words(data)));
  read("core subscriptions", "connect.onWebsocketInitFailure", () => typeof connect.onWebsocketInitFailure(() => undefined));
}

// --- Orders -----------------------------------------------------------------

const contactOf = (id) => new connect.Contact(id);
const LEGS = {
  agent: (contact) => contact.getAgentConnection(),
  customer: (contact) => contact.getInitialConnection(),
  third: (contact) => contact.getSingleActiveThirdPartyConnection() || contact.getThirdPartyConnections()[0],
};

function subject(order) {
  const kind = order.member.split(".")[0];
  if (kind === "core") return connect.core;
  if (kind === "Agent") return agent;
  if (kind === "Contact") return contactOf(order.contact);
  return order.leg ? LEGS[order.leg](contactOf(order.contact)) : new connect.VoiceConnection(order.contact, "no-such-leg");
}

const endpoints = () => new Promise((success, failure) => agent.getEndpoints(agent.getAllQueueARNs(), { success, failure }));

/** Orders name states, endpoints and queues as a person does. */
async function meant(value) {
  if (typeof value !== "object" || value === null) return value;
  if (value.state) return agent.getAgentStates().find((state) => state.name === value.state);
  if (value.number) return connect.Endpoint.byPhoneNumber(value.number);
  if (value.entry) return (await endpoints()).endpoints.find((one) => one.name === value.entry);
  if (value.queues) return agent.getAllQueueARNs();
  if (value.configuration) return { ...agent.getConfiguration(), ...value.configuration };
  return value;
}

function asked(on, name, given, more) {
  return new Promise((resolve) => {
    const callbacks = {
      success: (data) => resolve("success" + (data && data.endpoints ? " " + words(data) : "")),
      failure: (error) => resolve("failure " + refusal(error)),
    };
    on[name](...given, callbacks, ...more);
  });
}

const orders = {
  /** Calls a member in the vendor's way: with callbacks, or plainly. */
  async call(order) {
    const name = order.member.split(".")[1];
    const given = await Promise.all((order.given || []).map(meant));
    let told;
    try {
      const on = subject(order);
      told = order.plain
        ? "gives " + words(await within(Promise.resolve(on[name](...given)), 5000))
        : await within(asked(on, name, given, order.more || []), 20000);
    } catch (error) {
      told = order.plain ? "refuses " + refusal(error) : `throws ${error && error.name}`;
    }
    record("acts", order.member, told);
  },
  readAgent: ({ when }) => readAgent(when, agent),
  readContact: ({ when, contact }) => readContact(when, contactOf(contact)),
  readMedia: ({ when, contact }) => readMedia(when, contactOf(contact)),
  async readStatic() {
    readConstants();
    readBus();
    readLog();
    await readCore();
    await readLater("agent network", "Agent.getNetworkConnectionStatus", () => agent.getNetworkConnectionStatus());
  },
  readStart: () => readStart(),
  terminate() {
    read("page", "core.terminate", () => connect.core.terminate());
    terminated = true;
  },
};

async function takeOrders() {
  for (let done = 0; ;) {
    const answer = await fetch(`${collector}/orders?after=${done}`, { cache: "no-store" }).catch(() => undefined);
    const all = answer && answer.ok ? await answer.json() : [];
    if (!answer) await new Promise((resolve) => setTimeout(resolve, 300));
    for (const order of all) {
      try {
        await orders[order.do](order);
      } catch (error) {
        broken(error);
      }
      done += 1;
      post({ done });
    }
  }
}

safely(() => {
  connect.core.initCCP(CCP, {
    ccpUrl: window.SURFACE.ccpUrl,
    region: "eu-central-1",
    loginPopup: false,
    softphone: { allowFramedSoftphone: false },
    onViewContact: (event) => record("core events", "core.initCCP", words(event)),
  });
  connect.core.onInitialized(() => record("page", "core.onInitialized", ""));
  connect.agent(safely(followAgent));
  connect.contact(safely(followContact));
  followCore();
  void takeOrders();
})();
