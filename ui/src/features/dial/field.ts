/** Characters as the core counts them: a picture is one. */
export const characters = (text: string): number => [...text.trim()].length;

/** What the field for date and time holds, in Unix milliseconds; `null`: nothing usable. */
export function timeOf(when: string): number | null {
  const at = new Date(when).getTime();
  return when === '' || Number.isNaN(at) ? null : at;
}

/** A time as the field for date and time takes it, in the agent's zone. */
export function fieldTime(at: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
