import type { Commands, Push, RpcCode, RpcError } from '$lib/rpc/gen';

/** The name of a command of the core. */
export type CommandName = keyof Commands;
/** What a command takes. */
export type RequestOf<C extends CommandName> = Commands[C][0];
/** What a command gives back. */
export type ResponseOf<C extends CommandName> = Commands[C][1];

/**
 * The one seam between the UI and everything outside the page. A failed call
 * rejects with an {@link RpcError}; `toRpcError` makes one of anything else.
 */
export interface Host {
  /** Which window this page is. */
  readonly window: 'panel' | 'incoming';
  /** Carries out one command in the core. */
  call<C extends CommandName>(command: C, request: RequestOf<C>): Promise<ResponseOf<C>>;
  /**
   * Pushes of the core, in order, the first one a snapshot. After the
   * connection was lost and is back, a snapshot comes again.
   */
  subscribe(listener: (push: Push) => void): Promise<() => void>;
  /** Tells when the way to the core is lost (`false`) and back (`true`). */
  onConnection(listener: (up: boolean) => void): () => void;
}

/** An error of our own making, in the core's shape. */
export function rpcError(code: RpcCode, messageKey: string, retryable = false): RpcError {
  return { code, message_key: messageKey, detail: null, field: null, retryable, trace_id: '' };
}

/** The platform did not answer: what was asked may have happened all the same. */
export const isUncertain = (error: RpcError): boolean => error.message_key === 'error_timeout';

/** Whatever a host rejected with, in the core's shape. */
export function toRpcError(reason: unknown): RpcError {
  if (
    typeof reason === 'object' &&
    reason !== null &&
    typeof (reason as Partial<RpcError>).message_key === 'string' &&
    typeof (reason as Partial<RpcError>).code === 'string'
  ) {
    return reason as RpcError;
  }
  return rpcError('failed', 'error_failed', true);
}
