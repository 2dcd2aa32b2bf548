// The body of a function that WebKit calls in a world of its own in the quiet
// page: nothing that the page's scripts do reaches it. `order` is JSON, see order.rs.
const given = JSON.parse(order);
const running = (globalThis.running ??= new Map());
if (given.stop !== undefined) {
  running.get(given.stop)?.abort();
  return "{}";
}
const control = new AbortController();
running.set(given.id, control);
const ask = (mode, redirect) =>
  fetch(given.url, {
    method: given.method,
    headers: given.headers,
    body: given.body ?? undefined,
    credentials: "same-origin",
    cache: "no-store",
    mode,
    redirect,
    signal: control.signal,
  });
try {
  let answer;
  if (given.method === "GET") {
    try {
      // The browser itself follows within this origin and stops at its edge ...
      answer = await ask("same-origin", "follow");
    } catch (error) {
      if (control.signal.aborted) throw error;
      // ... which looks like a failure of the network until it is asked this way.
      answer = await ask("same-origin", "manual");
    }
  } else {
    answer = await ask("cors", "manual");
  }
  if (answer.type === "opaqueredirect") {
    return JSON.stringify({ status: 302, headers: [], body: "" });
  }
  const parts = [];
  let size = 0;
  const reader = answer.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > given.longest) {
      control.abort();
      return JSON.stringify({ failure: "too_large" });
    }
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return JSON.stringify({
    status: answer.status,
    headers: [...answer.headers],
    body: new TextDecoder().decode(whole),
  });
} catch {
  return JSON.stringify({ failure: "broken" });
} finally {
  running.delete(given.id);
}
