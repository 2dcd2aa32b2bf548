// A desk on the unmodified socket.io-client, and what the scripts with it share.
import { createRequire } from "node:module"
import { readFileSync } from "node:fs"
import { randomUUID } from "node:crypto"

const require = createRequire(import.meta.url)
const { io } = require("socket.io-client")
const [, , base, transport] = process.argv
const CHAT = "6305de07166ba1099d11d8e6"
export const checks = {}
export const check = (name, so) => {
  checks[name] = Boolean(so)
  if (!so) throw new Error(`not so: ${name}`)
}

export async function logIn(username, password) {
  const answer = await fetch(`${base}/agent-manager/agent/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  })
  return { status: answer.status, body: await answer.json() }
}

export class Desk {
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

  participant(conversationId, role) {
    return {
      id: randomUUID(), type: "AGENT",
      participant: { id: this.user.id, participantType: "CCUser", keycloakUser: this.user, associatedRoutingAttributes: [] },
      token: null, conversationId, role, userCredentials: null, state: "SUBSCRIBED",
    }
  }

  async accept(role = "PRIMARY") {
    const { payload: offer } = await this.event("taskRequest")
    const topicParticipant = this.participant(offer.conversationId, role)
    this.socket.emit("topicSubscription", {
      topicParticipant, agentId: this.user.id, conversationId: offer.conversationId, roomInfo: offer.roomInfo, taskId: offer.taskId,
    })
    return { offer, topic: await this.event("onTopicData") }
  }

  write(topic, markdownText, name = "AGENT_MESSAGE") {
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
    const cimEvent = { id: randomUUID(), name, type: "MESSAGE", conversationId, roomInfo, timestamp: Date.now(), data, channelSession: session, eventEmitter: sender }
    this.socket.emit("publishCimEvent", { cimEvent, agentId: this.user.id, conversationId, roomInfo })
    return id
  }
}

export const version = () => JSON.parse(readFileSync(require.resolve("socket.io-client/package.json"))).version

// Runs a script; its checks go out as one line of JSON.
export async function report(run) {
  const failure = await run().then(() => undefined, (error) => ({ error: String(error.stack ?? error) }))
  console.log(JSON.stringify({ checks, ...failure }))
  process.exit(0)
}
