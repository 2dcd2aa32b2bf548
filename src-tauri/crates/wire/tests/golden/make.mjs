// Makes tests/fixtures/golden-VERSION.json with the unmodified npm packages:
//
//   cargo xtask setup
//   node src-tauri/crates/wire/tests/golden/make.mjs [FOLDER]
//
// Everything in the files was written, read or decided by phoenix.js.
import { createRequire } from "node:module"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { dirname, join } from "node:path"

const here = dirname(fileURLToPath(import.meta.url))
const folder = process.argv[2] ?? join(here, "../fixtures")
const packages = process.env.PHOENIX_PACKAGES ?? join(here, "../../../simulators/phoenix-client")
const require = createRequire(join(packages, "package.json"))

// Small and of its own, so that each run makes the same file.
let seed = 20261121
const roll = (sides) => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
  return (seed >> 8) % sides
}

const hex = (bytes) => Buffer.from(bytes).toString("hex")
const messages = [
  { join_ref: "1", ref: "1", topic: "agents:52", event: "phx_join", payload: {} },
  { join_ref: null, ref: "7", topic: "phoenix", event: "heartbeat", payload: {} },
  { join_ref: "1", ref: "2", topic: "agents:52", event: "say", payload: { text: "Olá, \"mundo\" \u2028 🙂", n: -1.5, deep: { a: [1, [2, [3]]] } } },
  { join_ref: "12345678901234567890", ref: "9", topic: "room:ü:1", event: "e v", payload: { nothing: null, yes: true } },
  { join_ref: "1", ref: "3", topic: "a".repeat(300), event: "long", payload: { list: Array.from({ length: 50 }, (_, i) => i) } },
]

function serialiser(phoenix) {
  const socket = new phoenix.Socket("ws://127.0.0.1/socket", { transport: class {} })
  return { encode: socket.encode, decode: socket.decode, socket }
}

function encoded({ encode }) {
  return messages.map((message) => {
    let frame
    encode(message, (text) => (frame = text))
    return { message, frame }
  })
}

function binary({ encode, decode }) {
  const out = []
  for (const [topic, event, bytes] of [["room:1", "upload", [1, 2, 255]], ["t", "e", []], ["ü".repeat(100), "ü", [0]]]) {
    const message = { join_ref: "1", ref: "5", topic, event, payload: new Uint8Array(bytes).buffer }
    // 1.6 counts UTF-16 units where it should count bytes: names beyond ASCII are of 1.8 alone.
    if (/[^\x20-\x7e]/.test(topic) && !encodesBytes(encode)) continue
    encode(message, (frame) => out.push({ direction: "c2s", hex: hex(frame), join_ref: "1", ref: "5", topic, event, payload_hex: hex(bytes) }))
  }
  const parts = (kind, names, data) => {
    const bytes = names.map((name) => Buffer.from(name))
    return Buffer.concat([Buffer.from([kind, ...bytes.map((b) => b.length)]), ...bytes, Buffer.from(data)])
  }
  for (const frame of [
    parts(0, ["1", "room:1", "evt"], [1, 2, 3]),
    parts(0, ["12", "räum:1", "ereignis ü"], []),
    parts(1, ["1", "5", "room:1", "ok"], [9, 8, 7]),
    parts(1, ["1", "5", "room:1", "error"], []),
    parts(2, ["room:1", "evt"], [0, 255]),
    parts(2, ["", ""], [1]),
  ]) {
    const buffer = frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.length)
    decode(buffer, (message) => {
      const reply = message.event === "phx_reply"
      const data = reply ? message.payload.response : message.payload
      out.push({
        direction: "s2c", hex: hex(frame), join_ref: message.join_ref, ref: message.ref, topic: message.topic, event: message.event,
        status: reply ? message.payload.status : null, payload_hex: hex(data),
      })
    })
  }
  return out
}

function encodesBytes(encode) {
  let right = false
  try {
    encode({ join_ref: "1", ref: "1", topic: "ü", event: "e", payload: new ArrayBuffer(0) }, (frame) => (right = new Uint8Array(frame)[3] === 2))
  } catch { /* a version that cannot */ }
  return right
}

function presence(phoenix) {
  const { Presence } = phoenix
  let state = {}
  let count = 0
  const server = {}
  const steps = []
  const step = (event, payload) => {
    const told = []
    const refs = (entry) => entry.metas.map((meta) => meta.phx_ref)
    const onJoin = (key, before, joined) => told.push(["join", key, before ? refs(before) : null, refs(joined)])
    const onLeave = (key, remaining, left) => told.push(["leave", key, refs(remaining), refs(left)])
    const copy = JSON.parse(JSON.stringify(payload))
    state = event === "presence_state" ? Presence.syncState(state, copy, onJoin, onLeave) : Presence.syncDiff(state, copy, onJoin, onLeave)
    // The list now and then, the changes always.
    const after = steps.length % 8 === 7 ? JSON.parse(JSON.stringify(state)) : null
    steps.push({ event, payload, told, after })
  }
  const meta = () => ({ phx_ref: `R${++count}`, online_at: count })
  step("presence_state", {})
  for (let i = 0; i < 260; i++) {
    const diff = { joins: {}, leaves: {} }
    for (let j = 0; j <= roll(3); j++) {
      const key = `user ${roll(12)}`
      const known = (server[key] ??= [])
      if (known.length && roll(5) < 3) {
        const [gone] = known.splice(roll(known.length), 1)
        if (!diff.joins[key]) (diff.leaves[key] ??= { metas: [] }).metas.push(gone)
        else known.push(gone)
      } else {
        const fresh = meta()
        known.push(fresh)
        ;(diff.joins[key] ??= { metas: [], name: `n${roll(3)}` }).metas.push(fresh)
      }
      if (!known.length) delete server[key]
    }
    if (roll(20) === 0) diff.leaves["nobody"] = { metas: [{ phx_ref: "Z" }] }
    // Now and then changes are missed, and a whole state comes.
    if (roll(6) === 0) {
      const whole = {}
      for (const [key, metas] of Object.entries(server)) if (metas.length) whole[key] = { metas: [...metas], name: `n${roll(3)}` }
      step("presence_state", whole)
    } else if (roll(8) !== 0) step("presence_diff", diff)
  }
  return steps
}

function urls(phoenix) {
  return [{ token: "JWT" }, { agent: "ä()*!~", token: "a b&c=d?e/f#g+h%i" }].map((params) => {
    const endpoint = "wss://hub.example/socket"
    const socket = new phoenix.Socket(endpoint, { params, transport: class {} })
    return { endpoint, params, url: socket.endPointURL() }
  })
}

// What a socket sends: connect, join, push, leave.
function sent(phoenix) {
  const frames = []
  class Fake {
    constructor() { this.readyState = 0; Fake.last = this }
    send(frame) { frames.push(frame) }
    close() { this.readyState = 3 }
  }
  const socket = new phoenix.Socket("wss://hub.example/socket", { transport: Fake })
  socket.connect()
  const channel = socket.channel("agents:52", {})
  channel.join()
  Fake.last.readyState = 1
  Fake.last.onopen()
  Fake.last.onmessage({ data: JSON.stringify(["1", "1", "agents:52", "phx_reply", { status: "ok", response: {} }]) })
  const [join] = frames.map((frame) => JSON.parse(frame))
  Fake.last.onmessage({ data: JSON.stringify([join[0], join[1], "agents:52", "phx_reply", { status: "ok", response: {} }]) })
  channel.push("x", { a: 1 })
  channel.leave()
  socket.disconnect()
  return frames
}

for (const name of ["phoenix-18", "phoenix-16"]) {
  const phoenix = require(name)
  const { version } = JSON.parse(readFileSync(join(dirname(require.resolve(name)), "../../package.json")))
  const tool = serialiser(phoenix)
  const tries = Array.from({ length: 15 }, (_, i) => i + 1)
  const golden = {
    version,
    encoded: encoded(tool),
    binary: binary(tool),
    sent: sent(phoenix),
    presence: presence(phoenix),
    urls: urls(phoenix),
    reconnect: tries.map((n) => tool.socket.reconnectAfterMs(n)),
    rejoin: tries.map((n) => tool.socket.rejoinAfterMs(n)),
  }
  writeFileSync(join(folder, `golden-${version}.json`), JSON.stringify(golden) + "\n")
  console.log(`${version}: ${golden.encoded.length + golden.binary.length + golden.sent.length} frames, ${golden.presence.length} presence steps`)
}
process.exit(0)
