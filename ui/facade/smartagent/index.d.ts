/**
 * SmartAgent plugin SDK, as Trunkline's panel speaks it. Copy this file into your project:
 *
 *   // tsconfig.json
 *   "paths": { "/trunkline/smartagent.js": ["./types/smartagent.d.ts"], "smartagent-plugin-sdk": ["./types/smartagent.d.ts"] }
 *
 * Members marked "Trunkline only" are not in smartagent-plugin-sdk 0.0.13.
 */

/** The medium of a contact. */
export type Channel =
  | 'VOICE'
  | 'CHAT'
  | 'TASK'
  | 'EMAIL'
  // What a platform calls a medium that has no name here.
  | (string & {});

/** Where a contact stands. Trunkline only. */
export type ContactState =
  | 'init'
  | 'offered'
  | 'connecting'
  | 'connected'
  | 'paused'
  | 'ended'
  | 'missed'
  | 'rejected'
  | 'failed'
  // Not on the agent's desk any more: the last that is told of a chat, task or e-mail.
  | 'gone'
  // Further ones may come.
  | (string & {});

/** Who is at the other end; members are absent or null where nobody knows them. Text from outside. */
export interface Customer {
  readonly ID?: string | null;
  readonly name?: string | null;
  readonly phoneNumber?: string | null;
  readonly email?: string | null;
}

/** A contact of any platform. All texts in it come from outside: show them as text only. */
export interface Contact {
  readonly contactId: string;
  /** Stays the same over transfers. */
  readonly initialContactId?: string | null;
  readonly queue?: { readonly id: string; readonly name: string } | null;
  readonly channel: Channel;
  readonly attributes: Readonly<Record<string, string>>;
  readonly customer: Customer;
  /** Name of the platform, as it is shown. Trunkline only. */
  readonly platform?: string;
  /** Where it stands. Trunkline only. */
  readonly state?: ContactState;
}

/** The agent. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly name?: string;
  readonly companyId?: string;
}

/** A further party of a call. */
export interface Connection {
  readonly name: string;
  readonly id: string;
  readonly number?: string | null;
  readonly type?: string;
  readonly state?: string;
}

/** What `init` is answered with. Trunkline only: in the SDK it has no value. */
export interface Introduction {
  readonly hostVersion: string;
  readonly pluginId: string;
  readonly pluginType: PluginType;
  readonly visible: boolean;
  /** Only with the permission `agent`. */
  readonly user?: User | null;
  /** Only with the permission `agent`. */
  readonly companyId?: string | null;
  /** The contact that is current now, only with the permission `contacts`. */
  readonly contact?: Contact | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly language: string;
}

/** Where in the panel a plugin is. */
export type PluginType = 'call' | 'default' | 'contact-log' | 'DPA' | 'nav' | 'always';

/** Events and their payloads. */
export interface Events {
  /** A call rings. */
  incoming_call: { readonly contact: Contact };
  /** The agent calls somebody. */
  outgoing_call: { readonly contact: Contact; readonly number: string | null };
  /** They talk. */
  call_started: { readonly contact: Contact; readonly startedAt: string };
  /** Something about a contact has changed. Chats, tasks and e-mails have this event alone. */
  contact_updated: { readonly contact: Contact };
  on_hold: { readonly contactId: string; readonly connectionId: string | null };
  off_hold: { readonly contactId: string; readonly connectionId: string | null };
  call_ended: { readonly contactId: string; readonly endedAt: string | null; readonly reason: string };
  reject_call: { readonly contactId: string };
  missed_call: { readonly contactId: string };
  transfer_call: {
    readonly contactId: string;
    readonly destination: { readonly type: string; readonly name: string };
  };
  add_connection: { readonly contactId: string; readonly connection: Connection };
  conference_connections: { readonly contactId: string; readonly connections: readonly Connection[] };
  end_connection: { readonly contactId: string; readonly connectionName: string };
  toggle_connections: { readonly contactId: string; readonly active: string };
  after_call_work: { readonly contactId: string };
  after_call_work_end: { readonly contactId: string };
  /** The agent chose the state to be in after the contact. */
  next_status: { readonly status: { readonly name: string; readonly type: string } };
  /** A platform told an event of its own; only with the permission `platform-events`. Trunkline only. */
  platform_event: PlatformEvent;
}

/** An event of a platform's own, which belongs to no contact. All texts come from outside. Trunkline only. */
export interface PlatformEvent {
  readonly account: string;
  readonly id: string;
  /** As the platform names it, `ThirdPartyEvent`. */
  readonly type: string;
  readonly campaign?: string | null;
  readonly channel?: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
}

/** Where a call is transferred to. */
export interface TransferEndpoint {
  readonly endpointARN: string;
  readonly endpointId: string;
  readonly type: 'phone_number' | 'agent' | 'queue';
  readonly name: string;
  readonly phoneNumber?: string;
  readonly agentLogin?: string;
  readonly queue?: string;
}

/** Messages that can be sent, and their payloads. */
export interface Messages {
  update_contact: Readonly<Record<string, string>>;
  update_customer: {
    readonly email?: string;
    readonly phoneNumber?: string;
    readonly name?: string;
    readonly ID?: string;
  };
  update_quick_connects: undefined;
  transfer_call: { readonly number: string; readonly name: string; readonly endpoint: TransferEndpoint };
  end_conference_call: { readonly connectionName: string };
  quick_connect: { readonly name: string; readonly message?: string };
  show_notification: {
    readonly type: 'CREATE_NOTIFICATION' | 'CLEAR_NOTIFICATION';
    readonly header: string;
    readonly text: string;
  };
  show_popup_message: { readonly type: 'SUCCESS' | 'ERROR'; readonly popupMessage: string };
}

/** What a promise of this class is rejected with. */
export interface SmartAgentError extends Error {
  readonly name: 'SmartAgentError';
  /**
   * Found out in the page: `not_embedded`, `timeout`, `bad_message`, `too_large`. Said by the panel: `bad_message`,
   * `unknown_event`, `bad_payload`, `not_allowed`, `no_contact`, `user_declined`, `failed`. Further ones may come.
   */
  readonly code: string;
}

/** The panel, as a plugin's page sees it. One per page is enough. */
export default class SmartAgent {
  constructor();

  /** The manifest's settings by key; empty before `init` has been answered. Trunkline only. */
  readonly settings: Readonly<Record<string, string>>;
  /** The panel's language, `en` or `ru`; `en` before `init` has been answered. Trunkline only. */
  readonly language: string;
  /** The plugin's id. Trunkline only. */
  readonly pluginId: string;
  /** Where the plugin is; empty before `init` has been answered. Trunkline only. */
  readonly pluginType: PluginType | '';
  /** The panel's version. Trunkline only. */
  readonly hostVersion: string;

  /**
   * Makes the plugin known to the panel. Add your listeners first: events come from then on, and none is repeated.
   * Rejected outside a frame (`not_embedded`) and after ten seconds without an answer (`timeout`). To call it again is
   * harmless.
   */
  init(): Promise<Introduction>;

  /** Calls `listener` with the payload of every event of that name. */
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): void;
  /** Does not call it any more. */
  off<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): void;

  /** Has the plugin seen in its place. The keyboard stays where it is. */
  showPlugin(): Promise<void>;
  /** Has it out of sight; it stays loaded. */
  hidePlugin(): Promise<void>;
  /** Names the plugin's tab: plain text, 64 characters at most. */
  setTitleTag(title: string): Promise<void>;

  /**
   * Puts attributes onto the current contact; they join those that are there. 32 KiB in all.
   * `contactId` names another contact than the current one. Trunkline only.
   */
  updateContact(attributes: Readonly<Record<string, string>>, contactId?: string): Promise<void>;
  /** Who the agent is. */
  getUser(): Promise<User>;
  /** The company's id. */
  getCompanyID(): Promise<string>;

  /** Sends a message to the panel; the payload may be the JSON of it. Fulfilled when the panel has done it. */
  sendMessage<Name extends keyof Messages>(event: Name, message?: Messages[Name] | string): Promise<unknown>;
  /** The same: the SDK's readme has both names. */
  send<Name extends keyof Messages>(event: Name, message?: Messages[Name] | string): Promise<unknown>;
}

declare global {
  /** For pages of plain scripts, which load `trunkline/smartagent.plain.js`. */
  interface Window {
    SmartAgent: typeof SmartAgent;
  }
}
