// Several desks on the unmodified socket.io-client: `node together.mjs BASE polling|websocket PASSWORDS`.
// A supervisor listens to a chat, whispers and barges in; an agent pulls work from a
// list and closes it; a colleague is consulted, once to take over and once to stay.
// Each step is a check; all of them go out as one line of JSON.
import { Desk, check, logIn, report, version } from "./desk.mjs"

const [, , base, , passwords] = process.argv

async function open(username, password) {
  const { body } = await logIn(username, password)
  const desk = new Desk(body.data.keycloak_User)
  desk.token = body.data.token
  await desk.event("connect")
  return desk
}

async function post(desk, path, body) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${desk.token}` }
  return (await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json()
}

const requests = (desk, type, status) =>
  desk.event("onPullModeSubscribedListRequest", (p) => p.type.endsWith(type) && JSON.parse(p.pullModeEvent).status === status)

async function supervises(adams, clark, topic) {
  const team = clark.user.supervisedTeams[0].teamId
  const rows = await post(clark, "/realtime-reports/queue-active-chats/detail", { teamId: team, queues: [] })
  const chat = rows.flatMap((row) => row.chats).find((one) => one.conversationId === topic.conversationId)
  check("active chat", chat.conversationParticipantDetails[0].agentUsername === "adams")
  const session = chat.activeChannelSessions[0]
  const { conversationId, roomInfo } = topic
  const change = (event) => clark.socket.emit(event, { participantId: clark.user.id, conversationId, roomInfo })
  const role = (wanted) => (p) => p.data.conversationParticipant.role === wanted
  clark.socket.emit("JoinAsSilentMonitor", {
    topicParticipant: clark.participant(conversationId, "SILENT_MONITOR"), agentId: clark.user.id, channelSession: session,
  })
  const { payload: listened, asked } = await clark.event("onTopicData")
  check("monitors", asked && listened.topicData.topicParticipant.role === "SILENT_MONITOR")
  clark.write(listened, "May the customer hear this?")
  check("monitor is silent", (await clark.event("errors")).payload.task === "publishCimEvent")
  change("joinAsWhisper")
  await clark.event("PARTICIPANT_ROLE_CHANGED", role("WHISPER"))
  clark.write(listened, "Offer a refund", "WHISPER_MESSAGE")
  check("whispers", (await adams.event("WHISPER_MESSAGE")).payload.data.body.markdownText === "Offer a refund")
  change("JoinAsBargin")
  await adams.event("PARTICIPANT_ROLE_CHANGED", role("PRIMARY"))
  const id = clark.write(listened, "I am the supervisor")
  check("barges in", (await adams.event("AGENT_MESSAGE", (p) => p.data.id === id)).payload.eventEmitter.senderName === "clark")
  clark.socket.emit("topicUnsubscription", { conversationId, agentId: clark.user.id, roomInfo })
  check("supervisor leaves", (await clark.event("topicUnsubscription")).payload.conversationId === conversationId)
}

async function pulls(adams) {
  const lists = await (await fetch(`${base}/unified-admin/pull-mode-list`, { headers: { Authorization: `Bearer ${adams.token}` } })).json()
  const list = lists[0]
  const named = (conversationId) => ({ topicParticipant: adams.participant(conversationId, "PRIMARY"), agentId: adams.user.id })
  adams.socket.emit("subscribePullModeList", { ...named(list.id), listId: list.id, list })
  await adams.event("onPullModeSubscribedList", (rows) => rows.some((row) => row.id === list.id))
  const { payload: rows } = await adams.event("addPullModeSubscribedListRequests")
  check("list subscribed", rows.length === 1 && rows[0].status === "CREATED")
  const request = rows[0]
  const channelSession = request.channelSession
  adams.socket.emit("joinPullModeRequest", { ...named(channelSession.conversationId), channelSession, requestId: request.id })
  const { payload: topic } = await adams.event("onTopicData", (p) => p.conversationId === channelSession.conversationId)
  await requests(adams, "STATE_CHANGED", "JOINED")
  check("request taken", topic.topicData.topicParticipant.role === "PRIMARY")
  adams.socket.emit("deletePullModeRequest", request.id)
  await requests(adams, "STATE_CHANGED", "closing")
  check("request closed", true)
  adams.socket.emit("topicUnsubscription", { conversationId: topic.conversationId, agentId: adams.user.id, roomInfo: topic.roomInfo })
  await adams.event("topicUnsubscription", (p) => p.conversationId === topic.conversationId)
  adams.socket.emit("unsubscribePullModeList", { ...named(list.id), listId: list.id, list })
  check("list left", (await adams.event("removePullModeSubscribedListRequests")).payload === list.id)
}

async function consults(adams, brown, topic, stay) {
  const { conversationId } = topic
  const asks = { channelSession: topic.topicData.channelSession, agentParticipant: topic.topicData.topicParticipant, mode: "agent" }
  adams.socket.emit("consultRequest", { ...asks, requestedAgentId: brown.user.id, offerToAgent: true, note: "a refund?" })
  await adams.event("agentAssistanceRequestPlaced")
  const { offer, topic: { payload: helped } } = await brown.accept("ASSISTANT")
  const name = stay ? "consult conference" : "consult transfer"
  check(`${name}: consulted`, offer.taskDirection === "CONSULT" && offer.note === "a refund?" && helped.topicData.topicParticipant.role === "ASSISTANT")
  await adams.event("agentAssignedForAssistance")
  brown.write(helped, "Yes, do", "WHISPER_MESSAGE")
  await adams.event("WHISPER_MESSAGE")
  const event = stay ? "consultConferenceRequest" : "consultTransferRequest"
  adams.socket.emit(event, { ...asks, conversationId, requestedAgentId: brown.user.id, offerToAgent: false })
  await brown.event("PARTICIPANT_ROLE_CHANGED", (p) => p.data.conversationParticipant.role === "PRIMARY")
  if (stay) {
    await adams.event("PARTICIPANT_ROLE_CHANGED", (p) => p.data.conversationParticipant.role === "PRIMARY")
    for (const [one, other] of [[adams, brown], [brown, adams]]) {
      const id = one.write(topic, `It is ${one.user.username}`)
      await other.event("AGENT_MESSAGE", (p) => p.data.id === id)
    }
  } else {
    const { payload: success } = await brown.event("consulTransferRequestSuccess")
    check("new task", success.newTask.activeMedia.some((media) => media.type.direction === "CONSULT_TRANSFER"))
    check("handed over", (await adams.event("topicUnsubscription")).payload.reason === "CHAT TRANSFERRED")
    brown.write(helped, "I take care of it")
  }
  check(name, true)
}

async function run() {
  check("version", version() === "4.4.0")
  const [one, two, three] = passwords.split(",")
  const adams = await open("adams", one)
  await adams.state("READY")
  await adams.mrd("READY")
  const { topic: { payload: first } } = await adams.accept()
  const clark = await open("clark", three)
  await supervises(adams, clark, first)
  await pulls(adams)
  const brown = await open("brown", two)
  await brown.state("READY")
  await brown.mrd("READY")
  await consults(adams, brown, first, true)
  brown.socket.emit("topicUnsubscription", { conversationId: first.conversationId, agentId: brown.user.id, roomInfo: first.roomInfo })
  await brown.event("topicUnsubscription", (p) => p.conversationId === first.conversationId)
  await consults(adams, brown, first, false)
}

await report(run)
