import { textOf } from '$lib/i18n';
import type { RpcError } from '$lib/rpc/gen';

import type { Faults } from './task';

/** What is wrong with a form: what the panel found before it was sent, and what came back. */
export class FormFaults {
  /** By field, found before sending. */
  own = $state.raw<Faults>({});
  /** What came back. */
  error = $state.raw<RpcError | null>(null);
  /** The field that it is about, by the name it has in the form; `null`: none of them. */
  readonly refused = $derived.by((): string | null => {
    const field = this.error?.field ?? null;
    return field === null ? null : this.fieldOf(field);
  });

  /** `fieldOf`: the form's name of a field that an answer names; `null`: it has no such field. */
  constructor(private readonly fieldOf: (field: string) => string | null) {}

  /** What is said beside a field. */
  of(field: string): string | undefined {
    if (this.own[field] !== undefined) return this.own[field];
    if (this.error === null || this.refused !== field) return undefined;
    return [textOf('error', this.error.message_key), this.error.detail].filter(Boolean).join(' ');
  }

  /** The field was changed. */
  mended(field: string): void {
    this.own = Object.fromEntries(Object.entries(this.own).filter(([name]) => name !== field));
    if (this.refused === field) this.error = null;
  }
}
