// A desk on the unmodified socket.io-client: `node client.mjs BASE polling|websocket PASSWORDS`.
// Two agents log in by REST, one takes a chat, talks, hands it to a queue, the
// other takes it and leaves. Each step is a check; all of them go out as one line
// of JSON. The customer is the test's.
import { Desk, check, logIn, report, version } from "./desk.mjs"

const passwords = process.argv[4]

async function run() {
  const [adamsPassword, brownPassword] = passwords.split(",")
  check("version", version() === "4.4.0")
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

await report(run)
