// The unmodified socket.io server: `node server.mjs OPTIONS`, OPTIONS in JSON as
// socket.io takes them. It listens on a port of its own and tells it. Lines of JSON
// come in by the standard input (what to do) and go out by the standard output (what
// happened).
import { createRequire } from "node:module"
import { createServer } from "node:http"
import { createInterface } from "node:readline"

const require = createRequire(import.meta.url)
const { Server } = require("socket.io")
const { version } = require("socket.io/package.json")
const options = JSON.parse(process.argv[2] ?? "{}")
const tell = (event, more) => console.log(JSON.stringify({ event, ...more }))

const http = createServer()
const io = new Server(http, options)
const spaces = { "/": io.of("/"), "/desk": io.of("/desk") }

// How often each number that a client counted came.
const counted = {}
// Pongs that came.
let beats = 0
// The newest socket of the root that was neither dropped by us nor lost.
let carrier
// Engine connections whose socket was accepted.
const accepted = new WeakSet()
let weather

for (const [name, space] of Object.entries(spaces)) {
  space.use((socket, next) => {
    if (socket.handshake.auth.word !== "refuse me") return next()
    const error = new Error("login-failed")
    error.data = { content: { key: "AUTH", words: [1, null, "ä🙂"] } }
    next(error)
  })
  space.on("connection", (socket) => {
    accepted.add(socket.conn)
    if (name === "/") carrier = socket
    const { auth, query } = socket.handshake
    tell("connection", { namespace: name, id: socket.id, auth, query, recovered: socket.recovered })
    socket.conn.on("heartbeat", () => (beats += 1))
    socket.on("echo", (...args) => {
      const answer = args.pop()
      if (typeof answer === "function") answer(...args)
      else socket.emit("echo", ...args, answer)
    })
    socket.on("late", (ms, answer) => setTimeout(() => answer("late"), ms))
    socket.on("never", () => {})
    socket.on("bytes back", (answer) => answer("two", Buffer.from([1]), { deep: [Buffer.from([2])] }))
    socket.on("count", (number, answer) => {
      counted[number] = (counted[number] ?? 0) + 1
      if (number % 40 === 39) return
      if (number % 3 === 0) setTimeout(() => answer(number), Math.random() * 8)
      else answer(number)
    })
    socket.on("disconnect", (reason) => {
      if (carrier === socket) carrier = undefined
      tell("disconnect", { namespace: name, id: socket.id, reason })
    })
  })
}

// A number counts as told to nobody where no socket was connected, and where the
// server still had it in its own buffer as the connection went.
function number() {
  if (!carrier) weather.nobody += 1
  io.emit("number", weather.numbers)
  weather.numbers += 1
}

// `gently`: what was handed to the system still goes out.
function drop(conn, gently) {
  if (!weather || weather.over || conn.readyState === "closed") return
  const wire = conn.transport.socket._socket
  if (!wire || wire.destroyed) return
  weather.drops += 1
  if (accepted.has(conn)) weather.ready += 1
  if (carrier?.conn === conn) {
    weather.nobody += conn.writeBuffer.filter(({ data }) => String(data).startsWith('2["number"')).length
    carrier = undefined
  }
  if (gently) wire.destroySoon()
  else if (Math.random() < 0.5) wire.destroy()
  else wire.resetAndDestroy()
  if (weather.ready >= weather.wanted) clearUp()
}

// Ends the weather once everybody is back.
function clearUp() {
  weather.over = true
  const look = setInterval(() => {
    if (!carrier) return
    clearInterval(look)
    clearInterval(weather.numbering)
    io.emit("end")
    const { numbers, nobody, drops, ready, cuts } = weather
    tell("over", { numbers, nobody, drops, ready, cuts })
  }, 20)
}

io.engine.on("connection", (conn) => {
  if (!weather || weather.over) return
  // Some are cut in the midst of what is made good, before the socket is accepted.
  if (options.connectionStateRecovery && Math.random() < 0.2) {
    conn.on("packetCreate", ({ data }) => {
      if (weather.over || accepted.has(conn) || !String(data).startsWith('2["number"')) return
      conn.removeAllListeners("packetCreate")
      weather.cuts += 1
      process.nextTick(() => drop(conn, true))
    })
  }
  setTimeout(() => drop(conn, weather.gently), Math.random() * weather.within)
})

const acts = {
  emit: ({ namespace = "/", name, args }) => spaces[namespace].emit(name, ...args),
  volatile: ({ name, args }) => carrier.volatile.emit(name, ...args),
  ask({ namespace = "/", args, limit }) {
    for (const socket of spaces[namespace].sockets.values()) {
      socket.timeout(limit).emit("asked", ...args, (error, ...answer) => {
        tell("answer", { late: Boolean(error), answer })
      })
    }
  },
  bytes: () => io.emit("file", { name: "a.bin", body: Buffer.from([1, 2, 255]) }, Buffer.alloc(3000), "tail"),
  "bytes asked": () => carrier.emit("asked", Buffer.from([1]), (...answer) => tell("answer", { late: false, answer })),
  // A letter of two halves, cut between them: `substring` does that to a smiley.
  half: () => io.emit("half", "Hello \ud83d", { "\ude00": "\\ud83d \ud83d\ude00" }),
  kick: ({ close }) => io.disconnectSockets(close),
  close: () => carrier.conn.close(),
  drop: () => carrier.conn.transport.socket._socket.destroy(),
  freeze({ ms }) {
    const until = Date.now() + ms
    while (Date.now() < until);
  },
  beats: () => tell("beats", { beats }),
  counted: () => tell("counted", { counted }),
  weather({ wanted, within, gently }) {
    weather = { wanted, within, gently, numbers: 0, nobody: 0, drops: 0, ready: 0, cuts: 0, over: false }
    number()
    weather.numbering = setInterval(() => {
      for (let left = Math.floor(Math.random() * 4); left > 0; left -= 1) number()
    }, 1)
    drop(carrier.conn, true)
  },
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { act, ...more } = JSON.parse(line)
  acts[act](more)
}).on("close", () => process.exit(0))
http.listen(0, "127.0.0.1", () => tell("listening", { port: http.address().port, version }))
