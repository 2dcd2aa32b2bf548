// How the page words what it sees: one line a fact, in the order of a lane.
"use strict";

const collector = window.SURFACE.collector;
const outbox = [];
let sending = false;
let number = 0;

async function send() {
  if (sending) return;
  sending = true;
  while (outbox.length > 0) {
    const batch = outbox.splice(0, 200);
    await fetch(collector + "/told", { method: "POST", body: JSON.stringify(batch) }).catch(() => undefined);
  }
  sending = false;
}

function post(more) {
  outbox.push({ number: number++, ...more });
  void send();
}

/** One fact: `event` is the member it came from. */
function record(lane, event, detail) {
  post({ lane, event, detail: detail === undefined ? "" : String(detail) });
}

// The library's own timers go on for a while once it was terminated, and throw then; when is chance.
let terminated = false;
const broken = (error) => terminated || record("page", "script error", (error && error.stack) || error);
addEventListener("error", (event) => broken(event.message));
addEventListener("unhandledrejection", (event) => broken(event.reason));

/** What a page does with an event must not stop the library's own handlers. */
const safely = (act) => (...given) => {
  try {
    return act(...given);
  } catch (error) {
    return broken(error);
  }
};

const MOMENT = /timestamp|duration|expir|skew/i;
/** Made up by the library for each call. */
const RANDOM = ["clientToken"];
const FAR = 1_000_000_000;

/** A value whose form is to be the same on both sides, though moments are not. */
function tidy(value, key = "", depth = 0) {
  if (value instanceof Date) return "moment";
  if (RANDOM.includes(key)) return "random";
  if (typeof value === "number") return MOMENT.test(key) || Math.abs(value) >= FAR ? "moment" : value;
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.getConnectionId === "function") return `leg ${value.getConnectionId()}`;
  if (typeof value.getContactId === "function" && value.getConnections) return `contact ${value.getContactId()}`;
  if (depth > 7) return "deep";
  if (Array.isArray(value)) return value.map((one) => tidy(one, key, depth + 1));
  const tidied = {};
  for (const name of Object.keys(value).sort()) {
    const inside = tidy(value[name], name, depth + 1);
    // Absent, undefined and null are the same to a page that asks with `if`.
    if (inside !== undefined && inside !== null) tidied[name] = inside;
  }
  return tidied;
}

function words(value) {
  const tidied = tidy(value);
  return tidied === undefined || tidied === null ? "nothing" : JSON.stringify(tidied);
}

/** What a failure callback got: its type, and whether it came as text, as from the vendor's worker. */
function refusal(error) {
  const form = typeof error;
  let told = error;
  if (form === "string") {
    try {
      told = JSON.parse(error);
    } catch {
      return `text ${error}`;
    }
  }
  if (told instanceof Error) return `error ${told.name}`;
  return `${form} ${(told && told.type) || words(told)}`;
}

/** Reads one member and notes what it gives, be it an error. */
function read(lane, member, act) {
  try {
    record(lane, member, words(act()));
  } catch (error) {
    record(lane, member, `throws ${error && error.name}`);
  }
}

const within = (promise, ms) =>
  Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve("no answer"), ms))]);

/** Likewise for one that gives a promise. */
async function readLater(lane, member, act) {
  try {
    record(lane, member, "gives " + words(await within(Promise.resolve(act()), 5000)));
  } catch (error) {
    record(lane, member, `refuses ${refusal(error)}`);
  }
}
