// Runs in the panel's own page. It says what the proof wants said through the
// page's own way to the core, one after the other, and notes when the page
// hears of the customer's words: it listens on the page's own channel, before
// the page does.
(function () {
  const [contact, from, to, ahead] = arguments;
  const internals = window.__TAURI_INTERNALS__;
  const proof = { sent: {}, seen: {}, known: new Set(), next: from, refused: null, waiting: 0 };
  window.__chatProof = proof;

  const look = (change) => {
    const value = change.value;
    if (change.kind === 'conversation' && value.key.contact === contact.contact) proof.waiting = value.outgoing.length;
    if (change.kind !== 'message' || value.contact.contact !== contact.contact) return;
    const { author, body } = value.message;
    if (author.role !== 'customer' || body.kind !== 'text' || proof.known.has(body.text)) return;
    proof.known.add(body.text);
    proof.seen[body.text] = Date.now();
  };
  for (const [id, heard] of [...internals.callbacks]) {
    internals.callbacks.set(id, (data) => {
      if (data?.message?.kind === 'patch') data.message.value.changes.forEach(look);
      return heard(data);
    });
  }

  const pause = (time) => new Promise((go) => setTimeout(go, time));
  const say = async () => {
    while (proof.next < to) {
      // An agent sees what is still unsent, and does not write hundreds more.
      while (proof.waiting >= ahead) await pause(10);
      const text = `out ${proof.next}`;
      proof.sent[text] = Date.now();
      await internals.invoke('rpc', { name: 'conversation_send', payload: { contact, text, markdown: false } });
      proof.next += 1;
      // Time for the weather to change between two messages.
      await pause(5);
    }
  };
  say().catch((error) => (proof.refused = JSON.stringify(error)));
}).apply(null, arguments);
