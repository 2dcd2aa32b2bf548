// A desk on the unmodified socket.io-client: `node client.mjs BASE polling|websocket`.
// Two agents log in by REST, one takes a chat, talks, hands it to a queue, the
// other takes it and leaves. Each step is a check; all of them go out as one line
// of JSON. The customer is the test's.
import { createRequire } from "node:module"
import { randomUUID } from "node:crypto"

const require = createRequire(import.meta.url)
const { io } = require("socket.io-client")
const [, , base, transport, passwords] = process.argv
const CHAT = "6305de07166ba1099d11d8e6"
const checks = {}
const check = (name, so) => {
  checks[name] = Boolean(so)
  if (!so) throw new Error(`not so: ${name}`)
}

async function logIn(username, password) {
  const answer = await fetch(`${base}/agent-manager/agent/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  })
  return { status: answer.status, body: await answer.json() }
}

class Desk {
  constructor(user) {
    this.user = user
    this.events = []
    this.waiting = []
    this.socket = io(base, {
      path: "/agent-manager/socket.io",
      transports: transport === "websocket" ? ["websocket"] : ["polling", "websocket"],
      query: { username: user.username },
      auth: { agent: JSON.stringify(user), fcm: { desktopFcmKey: null, mobileFcmKey: null } },
      reconnection: false,
    })
    this.socket.onAny((name, payload, answer) => {
      if (typeof answer === "function") answer({ status: "ok" })
      const cim = name === "onCimEvent" ? JSON.parse(payload.cimEvent) : undefined
      this.take({ name: cim ? cim.name : name, payload: cim ?? payload, asked: typeof answer === "function" })
    })
    for (const name of ["connect", "connect_error", "disconnect"]) {
      this.socket.on(name, (payload) => this.take({ name, payload }))
    }
  }

  take(event) {
    this.events.push(event)
    this.waiting = this.waiting.filter((one) => !one())
  }

  // The next that is wanted; each is given once.
  event(name, so = () => true) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.events.findIndex((event) => event.name === name && so(event.payload))
        if (at < 0) return false
        clearTimeout(late)
        resolve(this.events.splice(at, 1)[0])
        return true
      }
      const late = setTimeout(() => reject(new Error(`${this.user.username} waited for ${name}; had ${this.events.map((e) => e.name)}`)), 10000)
      if (!look()) this.waiting.push(look)
    })
  }

  state(name) {
    this.socket.emit("changeAgentState", { agentId: this.user.id, action: "agentState", state: { name, reasonCode: null } })
    return this.event("agentPresence", (p) => p.agentPresence.state.name === name)
  }

  mrd(state) {
    this.socket.emit("changeAgentState", { agentId: this.user.id, action: "agentMRDState", state, mrdId: CHAT })
    return this.event("agentPresence", (p) => p.agentPresence.agentMrdStates.find((m) => m.mrd.id === CHAT).state === state)
  }

  async accept() {
    const { payload: offer } = await this.event("taskRequest")
    const topicParticipant = {
      id: randomUUID(), type: "AGENT",
      participant: { id: this.user.id, participantType: "CCUser", keycloakUser: this.user, associatedRoutingAttributes: [] },
      token: null, conversationId: offer.conversationId, role: "PRIMARY", userCredentials: null, state: "SUBSCRIBED",
    }
    this.socket.emit("topicSubscription", {
      topicParticipant, agentId: this.user.id, conversationId: offer.conversationId, roomInfo: offer.roomInfo, taskId: offer.taskId,
    })
    return { offer, topic: await this.event("onTopicData") }
  }

  write(topic, markdownText) {
    const session = topic.topicData.channelSession
    const sender = { id: this.user.id, senderName: this.user.username, type: "AGENT", additionalDetail: {} }
    const id = randomUUID()
    const { conversationId, roomInfo } = topic
    const data = {
      id,
      header: {
        timestamp: Date.now(), sender, channelData: session.channelData, intent: null, conversationId,
        roomId: roomInfo.id, channelSessionId: session.id, customer: topic.topicData.customer,
      },
      body: { type: "PLAIN", markdownText },
    }
    const cimEvent = { id: randomUUID(), name: "AGENT_MESSAGE", type: "MESSAGE", conversationId, roomInfo, timestamp: Date.now(), data, channelSession: session, eventEmitter: sender }
    this.socket.emit("publishCimEvent", { cimEvent, agentId: this.user.id, conversationId, roomInfo })
    return id
  }
}

async function run() {
  const [adamsPassword, brownPassword] = passwords.split(",")
  check("version", JSON.parse(require("node:fs").readFileSync(require.resolve("socket.io-client/package.json"))).version === "4.4.0")
  check("wrong password", (await logIn("adams", "wrong")).status === 401)
  const { body } = await logIn("adams", adamsPassword)
  check("log-in", body.data.keycloak_User.username === "adams" && body.data.token)

  const stranger = new Desk({ id: "nobody", username: "nobody" })
  const { payload: refused } = await stranger.event("connect_error")
  check("stranger refused", refused.message === "login-failed" && refused.data.content.key === "AUTH")

  const adams = new Desk(body.data.keycloak_User)
  await adams.event("connect")
  check("channel types", (await adams.event("onChannelTypes")).payload.some((t) => t.name === "WEB"))
  check("not ready first", (await adams.event("agentPresence")).payload.agentPresence.state.name === "NOT_READY")
  check("lists", Array.isArray((await adams.event("onPullModeSubscribedList")).payload))
  await adams.state("READY")
  check("ready", true)
  await adams.mrd("READY")
  check("domain ready", true)

  const { offer, topic: { payload: topic, asked } } = await adams.accept()
  check("offer", offer.taskState.name === "RESERVED" && offer.taskDirection === "INBOUND")
  check("topic data wants an answer", asked)
  check("history", topic.topicData.topicEvents.some((e) => e.name === "CUSTOMER_MESSAGE"))
  const id = adams.write(topic, "Hello, how can I help?")
  check("echo", (await adams.event("AGENT_MESSAGE")).payload.data.id === id)
  check("customer answers", (await adams.event("CUSTOMER_MESSAGE")).payload.data.header.sender.type === "CONNECTOR")

  const brown = new Desk((await logIn("brown", brownPassword)).body.data.keycloak_User)
  await brown.event("connect")
  await brown.state("READY")
  await brown.mrd("READY")
  adams.socket.emit("directTransferRequest", {
    channelSession: topic.topicData.channelSession, agentParticipant: topic.topicData.topicParticipant,
    mode: "queue", queueName: "Billing", note: "handover",
  })
  check("transfer placed", (await adams.event("agentAssistanceRequestPlaced")).payload.requestAction === "transfer")
  const second = await brown.accept()
  check("transfer offered", second.offer.taskDirection === "DIRECT_TRANSFER" && second.offer.requestedBy === "adams")
  check("transferred", (await adams.event("topicUnsubscription")).payload.reason === "CHAT TRANSFERRED")
  brown.socket.emit("topicUnsubscription", { conversationId: offer.conversationId, agentId: brown.user.id, roomInfo: offer.roomInfo })
  check("left", (await brown.event("topicUnsubscription")).payload.reason === "UNSUBSCRIBED")

  const other = new Desk(brown.user)
  await other.event("connect")
  await brown.event("socketSessionRemoved")
  check("session removed", (await brown.event("disconnect")).payload === "io server disconnect")
  await adams.state("LOGOUT")
  check("logged out", true)
}

run()
  .then(() => undefined, (error) => ({ error: String(error.stack ?? error) }))
  .then((failure) => {
    console.log(JSON.stringify({ checks, ...failure }))
    process.exit(0)
  })
