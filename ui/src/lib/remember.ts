/** Small conveniences that this page's storage keeps between runs. Nothing depends on them. */
const prefix = 'trunkline.';

/** What was kept under this name, or `null`: never kept, or storage is not to be had. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

/** Keeps a value, where storage is to be had. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Private or full storage: next time the agent chooses again.
  }
}
