// Takes orders from the proof and reports what each came to. In every page of this proof, hostile or not.
const { fetch, setTimeout } = window;
const PROOF = '{{PROOF}}';
const ME = '{{ID}}';
/** What takes longer than most, milliseconds. */
const LIMITS = { flood: 60_000, garbage: 40_000, 'core-commands': 40_000, 'large-payloads': 60_000, 'no-rights': 40_000, 'no-rights-streams': 40_000 };

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const post = (path, body) => fetch(PROOF + path, { method: 'POST', body });

/** Tells the proof something that it has not asked for. */
export const tell = (kind, what) =>
  post(`/tell/${ME}/${kind}`, typeof what === 'string' ? what : JSON.stringify(what)).catch(() => {});

/** Carries orders out for ever, by name. */
export async function serve(acts) {
  for (;;) {
    try {
      const answer = await fetch(`${PROOF}/orders/${ME}`);
      if (answer.status !== 200) continue;
      const { serial, name } = await answer.json();
      // Before it is tried: some end the page.
      await post(`/begun/${ME}/${serial}`, '');
      let came;
      try {
        // Some are never answered at all.
        const value = await Promise.race([acts[name](), wait(LIMITS[name] ?? 4_000)]);
        came = value === undefined ? 'nothing' : `got ${value}`;
      } catch (error) {
        came = `threw ${error?.name}: ${error?.message}`;
      }
      await post(`/report/${ME}/${serial}`, came);
    } catch {
      await wait(300);
    }
  }
}
