import { bridgeAddress, BridgeHost } from './bridge';
import type { Host } from './host';
import { insideTauri, TauriHost } from './tauri';

/** The host of this page: the app, a bridge named in the address, or none. */
export function chooseHost(window: Host['window']): Host | null {
  if (insideTauri()) return new TauriHost(window);
  const address = bridgeAddress(location.hash);
  return address === null ? null : new BridgeHost(window, address);
}
