import { SmartAgentError } from './errors.ts';
import {
  decode,
  isRecord,
  LARGEST_MESSAGE,
  patienceFor,
  SDK,
  textOr,
  textsOf,
  type Incoming,
  type Outgoing,
} from './wire.ts';

type Listener = (message: never) => unknown;

interface Waiting {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: SmartAgentError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

// An answer meant for the page as it was before a reload must not be taken for one of this page's own: the panel knows
// both as the same window.
const page = Math.random().toString(36).slice(2, 8);
let sent = 0;
const nextId = (): string => `p-${page}-${(sent += 1)}`;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Drop-in for the class of smartagent-plugin-sdk; `index.d.ts` documents its members for authors of plugins. */
export default class SmartAgent {
  /** The manifest's settings by key. */
  settings: Readonly<Record<string, string>> = {};
  /** The panel's language, `en` or `ru`. */
  language = 'en';
  /** The plugin's id, from its manifest. */
  pluginId = '';
  /** Where in the panel the plugin is. */
  pluginType = '';
  /** The panel's version. */
  hostVersion = '';

  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #waiting = new Map<string, Waiting>();

  constructor() {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      // Nobody but the panel's own page can be the parent; a frame inside the plugin or a window it opened is not it.
      if (event.source !== window.parent || window.parent === window) return;
      const incoming = decode(event.data);
      if (incoming !== undefined) this.#receive(incoming);
    });
  }

  /** Makes the plugin known to the panel; events come from then on. */
  async init(): Promise<unknown> {
    const answer = await this.sendMessage('init', SDK);
    const told = isRecord(answer) ? answer : {};
    this.settings = textsOf(told['settings']);
    this.language = textOr(told['language'], 'en');
    this.pluginId = textOr(told['pluginId'], '');
    this.pluginType = textOr(told['pluginType'], '');
    this.hostVersion = textOr(told['hostVersion'], '');
    return answer;
  }

  /** Calls `listener` with the payload of every event of that name. */
  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** Does not call it any more. */
  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  /** Has the plugin seen in its place. */
  async showPlugin(): Promise<void> {
    await this.sendMessage('show_plugin');
  }

  /** Has it out of sight; it stays loaded. */
  async hidePlugin(): Promise<void> {
    await this.sendMessage('hide_plugin');
  }

  /** Names the plugin's tab. */
  async setTitleTag(title: string): Promise<void> {
    await this.sendMessage('set_title_tag', { title });
  }

  /** Puts attributes onto the current contact, or onto the named one. */
  async updateContact(attributes: Readonly<Record<string, string>>, contactId?: string): Promise<void> {
    // The SDK's message knows the current contact only. That can have become another one since the agent began to
    // write, so the named one stands beside the message, where a host that does not know it passes it over.
    await this.#ask('update_contact', attributes, contactId);
  }

  /** Who the agent is. */
  getUser(): Promise<unknown> {
    return this.sendMessage('get_user');
  }

  /** The company's id. */
  getCompanyID(): Promise<unknown> {
    return this.sendMessage('get_company_id');
  }

  /** Sends a message of that name to the panel, and gives its answer. */
  sendMessage(event: string, message?: unknown): Promise<unknown> {
    return this.#ask(event, message);
  }

  /** The same: the SDK's readme has both names. */
  send(event: string, message?: unknown): Promise<unknown> {
    return this.sendMessage(event, message);
  }

  async #ask(event: string, message: unknown, contactId?: string): Promise<unknown> {
    if (window.parent === window) {
      throw new SmartAgentError('not_embedded', 'This page is a plugin: it works inside the panel only.');
    }
    const id = nextId();
    const envelope: Outgoing & { readonly contactId?: string } = {
      source: 'smartagent-plugin-sdk',
      v: 1,
      id,
      event,
      ...(message === undefined || message === null ? {} : { message }),
      ...(contactId === undefined ? {} : { contactId }),
    };
    const plain = plainCopy(envelope);
    return new Promise((resolve, reject) => {
      const patience = patienceFor(event);
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new SmartAgentError('timeout', `The panel did not answer "${event}" within ${patience / 1000} s.`),
        );
      }, patience);
      this.#waiting.set(id, { resolve, reject, timer });
      // The panel's page has an origin that differs between systems, and no other page may embed this one.
      window.parent.postMessage(plain, '*');
    });
  }

  #receive(incoming: Incoming): void {
    if (incoming.kind === 'event') return this.#tell(incoming.event, incoming.message);
    const waiting = this.#waiting.get(incoming.id);
    if (waiting === undefined) return;
    this.#waiting.delete(incoming.id);
    clearTimeout(waiting.timer);
    if (incoming.kind === 'answer') waiting.resolve(incoming.message);
    else waiting.reject(new SmartAgentError(incoming.error.code, incoming.error.message));
  }

  #tell(event: string, message: unknown): void {
    // A copy: listeners may come and go while they are called.
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(message as never);
      } catch (error) {
        // Seen in the plugin's log, and no concern of the other listeners.
        reportError(error);
      }
    }
  }
}

/** What arrives at the panel: functions and other things that are no JSON would make posting fail half way. */
function plainCopy(envelope: Outgoing): unknown {
  let text: string;
  try {
    text = JSON.stringify(envelope);
  } catch (error) {
    throw new SmartAgentError('bad_message', `"${envelope.event}" cannot be sent: ${String(error)}`);
  }
  const bytes = bytesOf(text);
  if (bytes > LARGEST_MESSAGE) {
    throw new SmartAgentError(
      'too_large',
      `"${envelope.event}" has ${bytes} bytes; the panel takes ${LARGEST_MESSAGE} at most.`,
    );
  }
  return JSON.parse(text);
}
