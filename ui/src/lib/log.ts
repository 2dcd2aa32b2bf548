/**
 * What the page writes to its console; the core copies the console to the log.
 * Keys and names only: no customer data, no tokens.
 */
export function warn(message: string, ...details: string[]): void {
  console.warn(`[ui] ${message}`, ...details);
}
