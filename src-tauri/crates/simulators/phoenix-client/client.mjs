// Drives an unmodified phoenix.js: `node client.mjs phoenix-18|phoenix-16 ENDPOINT`.
// Commands come as lines of JSON on standard input, everything that happens goes
// out as lines of JSON on standard output. The tests decide what is right.
import { createRequire } from "node:module"
import { createInterface } from "node:readline"

const require = createRequire(import.meta.url)
const [, , name, endpoint] = process.argv
const { Socket, Presence } = require(name)
const WebSocket = require("ws")

const tell = (event, data = {}) => console.log(JSON.stringify({ event, ...data }))
const shown = (payload) => (payload instanceof ArrayBuffer ? { bytes: [...new Uint8Array(payload)] } : payload)
const channels = {}
let socket

const acts = {
  version() {
    tell("version", { version: JSON.parse(require("node:fs").readFileSync(require.resolve(name).replace(/priv.*/, "package.json"))).version })
  },
  // `tokens`: one for each connect, the last for ever; counted by who reads the attempts.
  connect({ param, tokens, protocol }) {
    let next = 0
    const token = () => tokens[Math.min(next++, tokens.length - 1)]
    const options = { transport: WebSocket, heartbeatIntervalMs: 400 }
    if (protocol) options.authToken = tokens[0]
    else options.params = () => ({ [param]: token() })
    socket = new Socket(endpoint, options)
    socket.onOpen(() => tell("open"))
    socket.onClose((event) => tell("close", { code: event.code }))
    socket.onError(() => tell("error"))
    socket.connect()
  },
  join({ topic, params }) {
    const channel = (channels[topic] = socket.channel(topic, params ?? {}))
    const presence = new Presence(channel)
    presence.onSync(() => tell("presence", { topic, list: presence.list((key, { metas }) => [key, metas.length]) }))
    channel.onError(() => tell("channel-error", { topic }))
    channel.onClose(() => tell("channel-close", { topic }))
    // Everything that is not the protocol's own, as a client that listens to `any`.
    const handle = channel.onMessage
    channel.onMessage = (event, payload, ref, joinRef) => {
      if (!/^(phx_|chan_reply_|presence_)/.test(event)) tell("message", { topic, name: event, payload: shown(payload) })
      return handle.call(channel, event, payload, ref, joinRef)
    }
    channel.join()
      .receive("ok", (response) => tell("joined", { topic, response }))
      .receive("error", (response) => tell("refused", { topic, response }))
      .receive("timeout", () => tell("join-timeout", { topic }))
  },
  push({ topic, name, payload, bytes }) {
    const what = bytes ? new Uint8Array(bytes).buffer : payload
    channels[topic].push(name, what, 1500)
      .receive("ok", (response) => tell("ok", { name, response: shown(response) }))
      .receive("error", (response) => tell("no", { name, response: shown(response) }))
      .receive("timeout", () => tell("timeout", { name }))
  },
  leave({ topic }) { channels[topic].leave().receive("ok", () => tell("left", { topic })) },
  disconnect() { socket.disconnect(() => tell("disconnected")) },
  quit() { process.exit(0) },
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { act, ...rest } = JSON.parse(line)
    acts[act](rest)
  })
  .on("close", () => process.exit(0))
