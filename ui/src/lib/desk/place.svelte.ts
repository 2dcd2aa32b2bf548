import type {
  AccountId,
  ContactId,
  ContactKey,
  Endpoint,
  EventKey,
  EventRule,
  EventSort,
  IssueKind,
  PluginId,
  ScreenPop,
  TaskLink,
  TaskTemplateId,
  WrapUpCode,
} from '$lib/rpc/gen';

import { keyText } from './patch';

/** The parts of the panel, as the tabs name them. */
export type Tab = 'contacts' | 'team' | 'lists' | 'events' | 'history' | 'settings';
/** The sections of the settings. */
export type Section = 'accounts' | 'audio' | 'pops' | 'rules' | 'plugins' | 'panel' | 'diagnostics' | 'about';

/** Why a colleague is brought to a contact. */
export type Way = 'transfer' | 'add' | 'consult';

/** What the dial sheet is open for. */
export type DialFor =
  /** A new call; without an account the agent chooses one first. `related`: it is about that contact. */
  | { kind: 'call'; account: AccountId | null; number?: string; related?: ContactId; tab?: 'connects' }
  /** A further party on a call: to talk to, or to hand the call over to. */
  | { kind: 'add'; contact: ContactKey }
  /** Bringing a colleague to a chat, a task or an e-mail: to hand it over, to share it, or to be advised. */
  | { kind: 'transfer'; contact: ContactKey; way?: Way }
  /** A new task; `previous`: it follows from that contact. */
  | { kind: 'task'; account: AccountId; previous: ContactId | null }
  /** Changing a task. */
  | { kind: 'edit'; contact: ContactKey };

/** A view that was asked for from outside the page, until some account can do it. */
export interface Wish {
  view: 'dial' | 'connects' | 'task';
  /** For the number pad. Nobody calls it but the agent. */
  number: string | null;
  /** Milliseconds; later the agent has turned to something else. */
  until: number;
}

/** A task as far as it is filled in. */
export interface TaskDraft {
  account: AccountId;
  previous: ContactId | null;
  name: string;
  description: string;
  endpoint: Endpoint | null;
  links: TaskLink[];
  /** As the field for date and time holds it; `null`: begins at once. */
  when: string | null;
  /** The template it is made from; `null`: none. */
  template: TaskTemplateId | null;
  /** What is filled into the template's fields, as the fields hold it. */
  fields: Record<string, string>;
}

/** A change of a task as far as it is filled in. */
export interface TaskEdit {
  contact: ContactKey;
  name: string;
  description: string;
  /** References that are there already, by name, as the fields hold them. */
  references: Record<string, string>;
  /** New ones. */
  links: TaskLink[];
}

/** What a contact was about, as far as it is filled in. */
export interface WrapUpDraft {
  codes: WrapUpCode[];
  note: string;
}

/** A report of a problem as far as it is filled in. */
export interface IssueDraft {
  contact: ContactKey;
  /** Nothing is chosen for the agent. */
  kind: IssueKind | null;
  text: string;
}

/** A page as far as it is changed. */
export interface PageDraft {
  /** Its place; as many as there are: a new one. */
  at: number;
  page: ScreenPop;
}

/** A rule as far as it is changed. */
export interface RuleDraft {
  /** Its place; as many as there are: a new one. */
  at: number;
  rule: EventRule;
}

const tabs: readonly string[] = [
  'contacts',
  'team',
  'lists',
  'events',
  'history',
  'settings',
] satisfies Tab[];
const sections: readonly string[] = [
  'accounts',
  'audio',
  'pops',
  'rules',
  'plugins',
  'panel',
  'diagnostics',
  'about',
] satisfies Section[];

const views: readonly string[] = ['dial', 'connects', 'task'] satisfies Wish['view'][];
/** Milliseconds that a view is waited for. */
const wishWaits = 60_000;
/** A number as the core writes it. */
const dialled = /^\+?\d{1,24}$/;

/** Milliseconds that a confirmation is shown. */
const saidFor = 5000;

/** Where in the panel the agent is. */
export class Place {
  tab = $state<Tab>('contacts');
  section = $state<Section>('accounts');
  /** The plugin whose page in the settings is open; `null`: their list. */
  plugin = $state.raw<PluginId | null>(null);
  /** Set by "add an account": the account section opens with its form. */
  adding = $state(false);
  /** The dial sheet, while it is open. */
  dial = $state.raw<DialFor | null>(null);
  /** The contact whose conversation is wanted; it may be gone, or have none. */
  chat = $state.raw<ContactKey | null>(null);
  /** The list of contacts is wanted, although there are conversations. */
  overview = $state(false);
  /** The event whose card is wanted; it may be gone. */
  event = $state.raw<EventKey | null>(null);
  /** The sort of events that is listed; `null`: all. */
  sort = $state<EventSort | null>(null);
  /** The contact that is about to be ended, until the agent says so once more. */
  ending = $state.raw<ContactKey | null>(null);
  /** The contact that is given another name, while the dialog for it is open. */
  renaming = $state.raw<ContactKey | null>(null);
  /** The contact whose customer is about to be kept from writing, until the agent says so once more. */
  banning = $state.raw<ContactKey | null>(null);
  /** A view that was asked for and cannot be shown yet. */
  wish = $state.raw<Wish | null>(null);
  /** A number typed and not called yet: it is there again when the sheet opens anew. */
  typed = $state('');
  /** A task begun and not created yet: it is there again when the sheet opens anew for the same. */
  task: TaskDraft | null = null;
  /** The contact that a problem is reported with, while the sheet for it is open. */
  report = $state.raw<ContactKey | null>(null);
  /** A report begun and not sent yet: it is there again when the sheet opens anew for the same. */
  issue: IssueDraft | null = null;
  /** The live contact that is noted about, while the sheet for it is open. */
  noting = $state.raw<ContactKey | null>(null);
  /** A change begun and not saved yet: likewise. */
  edit: TaskEdit | null = null;
  /** A page begun and not saved yet: it is there again when the settings open anew. */
  page: PageDraft | null = null;
  /** A rule begun and not saved yet: it is there again when the settings open anew. */
  rule: RuleDraft | null = null;
  /** An event pasted to try the rules: likewise. */
  pasted = '';
  /** What was done just now, in words, while it is shown. */
  said = $state<string | null>(null);
  #saying: ReturnType<typeof setTimeout> | undefined;
  readonly #wrapUps: Record<string, WrapUpDraft> = {};

  /** What a contact was about, begun and not saved yet: the same for all that show it, however often they come and go. */
  wrapUp(contact: ContactKey): WrapUpDraft {
    const key = keyText(contact);
    const kept = this.#wrapUps[key];
    if (kept !== undefined) return kept;
    const draft = $state<WrapUpDraft>({ codes: [], note: '' });
    this.#wrapUps[key] = draft;
    return draft;
  }

  /** Tells for a few seconds what was done. */
  say(words: string): void {
    clearTimeout(this.#saying);
    this.said = words;
    this.#saying = setTimeout(() => (this.said = null), saidFor);
  }

  /** Goes to a place as the core writes it: `settings/audio`, `contact/ACCOUNT/ID`, `event/ACCOUNT/ID`, `history`, `dial/NUMBER`. */
  go(path: string): void {
    const [first = '', second = '', ...rest] = path.split('/');
    if (views.includes(first)) {
      const number = dialled.test(second) ? second : null;
      this.wish = { view: first as Wish['view'], number, until: Date.now() + wishWaits };
      return;
    }
    if (first === 'contact') {
      this.tab = 'contacts';
      // A contact's id is the platform's and may hold anything.
      if (second !== '' && rest.length > 0) this.open({ account: second, contact: rest.join('/') });
    } else if (first === 'event') {
      this.tab = 'events';
      // An event's id, too.
      if (second !== '' && rest.length > 0) this.event = { account: second, event: rest.join('/') };
    } else if (tabs.includes(first)) this.tab = first as Tab;
    if (first === 'settings' && sections.includes(second)) this.section = second as Section;
    // The core shows what needs the agent now.
    this.dial = null;
  }

  /** Shows a contact: its conversation, where it has one. */
  open(key: ContactKey): void {
    this.tab = 'contacts';
    this.chat = key;
    this.overview = false;
  }

  /** Shows the list of contacts. */
  list(): void {
    this.tab = 'contacts';
    this.overview = true;
  }
}
