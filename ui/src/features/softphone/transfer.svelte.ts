import type { Desk } from '$lib/desk/desk.svelte';
import { isThere, others } from '$lib/desk/parties';
import { keyText } from '$lib/desk/patch';
import { isUncertain, toRpcError } from '$lib/host/host';
import type { Connection, ContactKey, ContactView, PartyTarget, RpcError } from '$lib/rpc/gen';

/** Milliseconds for a called party to show on the contact once the platform took the command. */
export const showsWithin = 20_000;

/** Why a transfer did not come about. The agent is still on the call in every case. */
export type TransferProblem =
  /** The party was not called. */
  | { kind: 'not_called'; error: RpcError }
  /** The platform did not answer: the party may be called or not. */
  | { kind: 'uncertain' }
  /** The party was called and was gone before the agent could leave. */
  | { kind: 'refused' }
  /** The platform took the command, and no party showed on the call. */
  | { kind: 'not_seen' }
  /** The party is being called, and the agent could not leave. */
  | { kind: 'not_left'; error: RpcError };

/**
 * Calls a further party to a call, and for a transfer leaves once that party
 * is on it.
 *
 * | from    | input                         | to                     |
 * | ------- | ----------------------------- | ---------------------- |
 * | idle    | consult, transfer             | calling                |
 * | calling | refused                       | failed                 |
 * | calling | taken (consult)               | done                   |
 * | calling | taken (transfer)              | waiting                |
 * | waiting | party there                   | leaving                |
 * | waiting | party gone, or not seen       | failed                 |
 * | calling, waiting | stay                 | idle (the party stays) |
 * | waiting | the call has ended            | done                   |
 * | leaving | agent has left                | done                   |
 * | leaving | refused                       | failed                 |
 * | failed  | consult, transfer             | calling                |
 */
export class Transfer {
  state = $state<'idle' | 'calling' | 'waiting' | 'leaving' | 'failed' | 'done'>('idle');
  problem = $state.raw<TransferProblem | null>(null);
  #round = 0;

  constructor(private readonly desk: Desk) {}

  /** On its way: nothing else may be begun. */
  get busy(): boolean {
    return this.state === 'calling' || this.state === 'waiting' || this.state === 'leaving';
  }

  /** Calls the party; those who are there wait on hold. `true` when the platform took it. */
  async consult(view: ContactView, target: PartyTarget): Promise<boolean> {
    if (this.busy) return false;
    const round = this.#begin();
    const called = await this.#call(view.key, target, round);
    if (round !== this.#round) return false;
    if (called) this.state = 'done';
    return called;
  }

  /** Calls the party and leaves the call to it. `true` when the agent has left, or the call has ended. */
  async transfer(view: ContactView, target: PartyTarget): Promise<boolean> {
    if (this.busy) return false;
    const round = this.#begin();
    const before = others(view.contact).map((leg) => leg.id);
    if (!(await this.#call(view.key, target, round)) || round !== this.#round) return false;
    this.state = 'waiting';
    const seen = await this.#party(view.key, before, round);
    if (round !== this.#round) return false;
    if (seen === 'ended') return this.#done();
    if (seen !== 'there') return this.#fail({ kind: seen });
    this.state = 'leaving';
    try {
      await this.desk.call('contact_end', { contact: view.key, connection: null });
      return this.#done();
    } catch (reason) {
      return this.#fail({ kind: 'not_left', error: toRpcError(reason) });
    }
  }

  /** Stays on the call: a party that was called already rings on. */
  stay(): void {
    if (this.state !== 'calling' && this.state !== 'waiting') return;
    this.#round += 1;
    this.state = 'idle';
  }

  #begin(): number {
    this.problem = null;
    this.state = 'calling';
    return ++this.#round;
  }

  #done(): boolean {
    this.state = 'done';
    return true;
  }

  #fail(problem: TransferProblem): boolean {
    this.problem = problem;
    this.state = 'failed';
    return false;
  }

  async #call(contact: ContactKey, target: PartyTarget, round: number): Promise<boolean> {
    try {
      await this.desk.call('contact_add_party', { contact, target, note: '' });
      return true;
    } catch (reason) {
      // Given up meanwhile: the core's own message tells of it.
      const error = toRpcError(reason);
      return (
        round === this.#round &&
        this.#fail(isUncertain(error) ? { kind: 'uncertain' } : { kind: 'not_called', error })
      );
    }
  }

  /** What becomes of the leg that was not on the contact before. */
  #party(
    key: ContactKey,
    before: readonly string[],
    round: number,
  ): Promise<'there' | 'refused' | 'not_seen' | 'ended'> {
    const text = keyText(key);
    const look = (): 'there' | 'refused' | 'ended' | null => {
      const view = this.desk.snapshot?.contacts.find((one) => keyText(one.key) === text);
      if (!view || !['connecting', 'connected', 'paused'].includes(view.contact.state)) return 'ended';
      const legs: Connection[] = others(view.contact).filter((leg) => !before.includes(leg.id));
      if (legs.some(isThere)) return 'there';
      return legs.some((leg) => leg.state === 'disconnected' || leg.state === 'rejected') ? 'refused' : null;
    };
    return new Promise((resolve) => {
      const timer = setTimeout(() => end('not_seen'), showsWithin);
      const stop = $effect.root(() => {
        $effect(() => {
          const found = round === this.#round && this.state === 'waiting' ? look() : 'ended';
          if (found !== null) end(found);
        });
      });
      function end(found: 'there' | 'refused' | 'not_seen' | 'ended'): void {
        clearTimeout(timer);
        queueMicrotask(() => stop());
        resolve(found);
      }
    });
  }
}
