// What the page hears is told to whoever watches it, and what it is to call is asked for there.
let address;
let last = Promise.resolve();
const early = [];

const post = (path, body) =>
  fetch(`${address}/${path}`, { method: 'POST', body: JSON.stringify(body) });

// One after the other: requests of their own could overtake each other.
function inOrder(path, body) {
  last = last.then(() => post(path, body)).catch((error) => console.error(String(error)));
}

export function report(name, payload) {
  if (address === undefined) early.push([name, payload]);
  else inOrder('heard', { name, payload });
}

export async function takeOrders(collector, introduction, call) {
  address = collector;
  for (const [name, payload] of early.splice(0)) report(name, payload);
  report('introduction', introduction);
  for (;;) {
    const answer = await fetch(`${address}/order`).catch(() => undefined);
    if (answer?.status !== 200) {
      // Nobody is there at the moment, or there was nothing to do.
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const { order, method, values } = await answer.json();
    // Not waited for: a question to the agent takes as long as the agent does.
    Promise.resolve()
      .then(() => call(method, values))
      .then(
        (value) => inOrder('done', { order, value: value ?? null }),
        (error) => inOrder('done', { order, code: error.code ?? error.name, reason: error.message }),
      );
  }
}
