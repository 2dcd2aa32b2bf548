import type { Desk } from '$lib/desk/desk.svelte';
import type { AccountId, TaskTemplate, TaskTemplateEntry, TaskTemplateId } from '$lib/rpc/gen';

/** The templates of an account, while a sheet is open: the list, and the one that is chosen. */
export class Templates {
  list = $state.raw<TaskTemplateEntry[]>([]);
  listState = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  /** The chosen one, once it is loaded. */
  chosen = $state.raw<TaskTemplate | null>(null);
  chosenState = $state<'none' | 'loading' | 'ready' | 'failed'>('none');
  #wanted: TaskTemplateId | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
  ) {}

  async load(): Promise<void> {
    this.listState = 'loading';
    try {
      this.list = await this.desk.call('task_templates', { account: this.account });
      this.listState = 'ready';
    } catch {
      this.listState = 'failed';
    }
  }

  /** Loads one; `null`: none is wanted. Gives it, unless another one is wanted meanwhile. */
  async choose(template: TaskTemplateId | null): Promise<TaskTemplate | null> {
    this.#wanted = template;
    this.chosen = null;
    if (template === null) {
      this.chosenState = 'none';
      return null;
    }
    this.chosenState = 'loading';
    try {
      const read = await this.desk.call('task_template', { account: this.account, template });
      if (this.#wanted !== template) return null;
      this.chosen = read;
      this.chosenState = 'ready';
      return read;
    } catch {
      if (this.#wanted === template) this.chosenState = 'failed';
      return null;
    }
  }
}
