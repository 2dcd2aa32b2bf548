// Drives an unmodified centrifuge-js: `node client.mjs`. Commands come as lines of
// JSON on standard input, everything that happens goes out as lines of JSON on
// standard output. The tests decide what is right. `client.py` does the same.
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { readFileSync } from "node:fs"

const require = createRequire(import.meta.url)
const { Centrifuge } = require("centrifuge")
const WebSocket = require("ws")

const tell = (event, data = {}) => console.log(JSON.stringify({ event, ...data }))
const subs = {}
let client
let data

const acts = {
  version() {
    const file = new URL("node_modules/centrifuge/package.json", import.meta.url)
    tell("version", { version: JSON.parse(readFileSync(file)).version })
  },
  connect(asked) {
    data = asked.data
    client = new Centrifuge(asked.url, {
      websocket: WebSocket,
      getData: async () => data,
      name: "trunkline-test",
      minReconnectDelay: 50,
      maxReconnectDelay: 300,
      maxServerPingDelay: asked.pingDelay ?? 10000,
    })
    client.on("connecting", ({ code, reason }) => tell("connecting", { code, reason }))
    client.on("connected", (context) => tell("connected", { client: context.client, data: context.data }))
    client.on("disconnected", ({ code, reason }) => tell("disconnected", { code, reason }))
    client.on("error", ({ error }) => tell("error", { code: error.code, message: error.message }))
    client.on("subscribed", ({ channel, recoverable, wasRecovering, recovered, data }) =>
      tell("subscribed", { channel, recoverable, wasRecovering, recovered, data }))
    client.on("unsubscribed", ({ channel }) => tell("unsubscribed", { channel }))
    client.on("publication", ({ channel, data, offset }) => tell("publication", { channel, data, offset: offset ?? 0 }))
    client.on("message", ({ data }) => tell("message", { data }))
    client.connect()
  },
  // What the next connect commands bring.
  data(asked) { data = asked.data },
  // A subscription of the client's own.
  subscribe({ channel }) {
    const sub = (subs[channel] = client.newSubscription(channel))
    sub.on("subscribed", ({ wasRecovering, recovered }) => tell("own-subscribed", { channel, wasRecovering, recovered }))
    sub.on("unsubscribed", ({ code }) => tell("own-unsubscribed", { channel, code }))
    sub.on("publication", ({ data, offset }) => tell("own-publication", { channel, data, offset }))
    sub.on("error", ({ error }) => tell("own-error", { channel, code: error.code }))
    sub.subscribe()
  },
  publish({ channel, data }) {
    const failed = (error) => tell("failed", { what: "publish", code: error.code })
    subs[channel].publish(data).then(() => tell("published"), failed)
  },
  history({ channel }) {
    const failed = (error) => tell("failed", { what: "history", code: error.code })
    subs[channel].history({ limit: 10 }).then(({ publications, offset }) => {
      tell("history", { offset, data: publications.map((one) => one.data) })
    }, failed)
  },
  rpc({ method, data }) {
    const failed = (error) => tell("failed", { what: "rpc", code: error.code })
    client.rpc(method, data).then((answer) => tell("rpc", { data: answer.data }), failed)
  },
  // A request to a service, as a page in the operator's browser would make it.
  async rest({ method, url, token, authorization, body }) {
    const headers = { Accept: "application/json" }
    if (token) headers.Authorization = `Bearer ${token}`
    if (authorization) headers.Authorization = authorization
    if (body !== undefined) headers["Content-Type"] = "application/json"
    try {
      const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
      const text = await answer.text()
      tell("rest", { status: answer.status, body: text === "" ? null : JSON.parse(text) })
    } catch (error) {
      tell("rest", { status: 0, body: String(error) })
    }
  },
  disconnect() { client.disconnect() },
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { act, ...rest } = JSON.parse(line)
    acts[act](rest)
  })
  .on("close", () => process.exit(0))
