import { Channel, invoke, isTauri } from '@tauri-apps/api/core';

import type { Push } from '$lib/rpc/gen';

import type { CommandName, Host, RequestOf, ResponseOf } from './host';

/** Whether this page runs inside the app. */
export const insideTauri = (): boolean => isTauri();

/** The core in the same program, over Tauri's own channel. */
export class TauriHost implements Host {
  constructor(readonly window: Host['window']) {}

  call<C extends CommandName>(command: C, request: RequestOf<C>): Promise<ResponseOf<C>> {
    return invoke<ResponseOf<C>>('rpc', { name: command, payload: request });
  }

  async subscribe(listener: (push: Push) => void): Promise<() => void> {
    const channel = new Channel<Push>(listener);
    await invoke('subscribe', { channel });
    return () => {
      channel.onmessage = () => undefined;
    };
  }

  onConnection(): () => void {
    // The core and this page live and die together.
    return () => undefined;
  }
}
