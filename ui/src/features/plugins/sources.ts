import { webAddress } from '$lib/web';

/** Names by which this computer calls itself. */
const here: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a plugin may come from this address, or talk to it: over https, or on this computer. */
export function isPluginAddress(text: string): boolean {
  const address = webAddress(text.trim());
  if (address === null) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || here.includes(hostname);
}

/** Whether this names a folder from the root on, on any system. */
export const isAbsolute = (path: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path.trim());
