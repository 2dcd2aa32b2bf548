/** An address that may be followed, or `null`. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || /[\s\p{Cc}\p{Bidi_Control}]/u.test(text)) return null;
  try {
    const url = new URL(text);
    // A user name in front of the host makes one address look like another.
    return (url.protocol === 'http:' || url.protocol === 'https:') && !url.username && !url.password
      ? url.href
      : null;
  } catch {
    return null;
  }
}
