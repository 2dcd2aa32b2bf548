import type { Push } from '$lib/rpc/gen';

import { rpcError, type CommandName, type Host, type RequestOf, type ResponseOf } from './host';

/** Answers of the memory host, one function a command. */
export type Answers = {
  [C in CommandName]?: (request: RequestOf<C>) => ResponseOf<C> | Promise<ResponseOf<C>>;
};

/** A host without a core: for unit tests and the gallery. Remembers what was asked. */
export class MemoryHost implements Host {
  /** Every command but the sign of life, in order. */
  readonly calls: { command: CommandName; request: unknown }[] = [];
  /** Revisions that signs of life named. */
  readonly alive: number[] = [];
  #listeners = new Set<(push: Push) => void>();
  #watchers = new Set<(up: boolean) => void>();

  constructor(
    readonly window: Host['window'],
    public answers: Answers = {},
    /** Pushed on subscribing. */
    public first: Push[] = [],
  ) {}

  async call<C extends CommandName>(command: C, request: RequestOf<C>): Promise<ResponseOf<C>> {
    if (command === 'ui_alive') this.alive.push((request as RequestOf<'ui_alive'>).revision);
    else this.calls.push({ command, request });
    const answer = this.answers[command];
    if (answer) return answer(request);
    if (empty.has(command)) return {} as ResponseOf<C>;
    throw rpcError('unknown_command', 'error_unknown_command');
  }

  async subscribe(listener: (push: Push) => void): Promise<() => void> {
    this.#listeners.add(listener);
    for (const push of this.first) listener(push);
    return () => this.#listeners.delete(listener);
  }

  onConnection(listener: (up: boolean) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** What the core would push. */
  push(push: Push): void {
    for (const listener of this.#listeners) listener(push);
  }

  /** Loses the way to the core, or finds it again. */
  connection(up: boolean): void {
    for (const watcher of this.#watchers) watcher(up);
  }

  /** Requests of one command, in order. */
  asked<C extends CommandName>(command: C): RequestOf<C>[] {
    return this.calls.filter((call) => call.command === command).map((call) => call.request as RequestOf<C>);
  }
}

/** Commands that answer nothing but success. */
const empty: ReadonlySet<CommandName> = new Set<CommandName>([
  'contact_accept',
  'contact_reject',
  'contact_clear',
  'contact_end',
  'contact_hold',
  'contact_resume',
  'contact_mute',
  'contact_digits',
  'contact_add_party',
  'contact_conference',
  'contact_swap',
  'contact_transfer',
  'contact_consult',
  'contact_link_customer',
  'contact_rename',
  'contact_ban',
  'message_edit',
  'message_remove',
  'contact_end_consult',
  'contact_wrap_up',
  'contact_pause',
  'contact_unpause',
  'contact_monitor',
  'supervision_listen',
  'work_list_subscribe',
  'work_take',
  'work_close',
  'contact_report',
  'task_create',
  'task_update',
  'agent_preferences',
  'conversation_line',
  'conversation_retry',
  'conversation_discard',
  'conversation_typing',
  'conversation_read',
  'conversation_draft',
  'conversation_older',
  'attachment_save',
  'attachment_cancel',
  'agent_dial',
  'agent_set_state',
  'agent_set_media',
  'account_remove',
  'account_sign_in',
  'account_answer',
  'account_resend',
  'account_sign_out',
  'account_open_panel',
  'account_switch_instance',
  'audio_choose',
  'audio_test_sound',
  'audio_test_microphone',
  'audio_processing',
  'audio_enhancement',
  'contact_show',
  'view_show',
  'audio_early_microphone',
  'audio_ringtone',
  'audio_sound',
  'audio_try_sound',
  'link_open',
  'downloads_open',
  'screen_pops_forget',
  'notice_dismiss',
  'events_seen',
  'plugin_remove',
  'plugin_enable',
  'plugin_grant',
  'plugin_trust',
  'plugin_reload',
  'plugin_show',
  'plugin_arrange',
  'plugin_settings_save',
  'plugin_answer',
  'ui_alive',
]);
