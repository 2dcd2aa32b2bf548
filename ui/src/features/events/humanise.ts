/** Short forms that are written in capitals. */
const capitals = new Set(['id', 'url', 'uri', 'ip', 'pin', 'sms', 'dnis', 'ccm']);

/** A name of a program's, as words: `orderNumber` and `order_number` become "Order number". */
export function humanise(name: string): string {
  // Somebody wrote it for people already.
  if (/\s/.test(name.trim())) return name.trim();
  const words = name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\s_-]+/u)
    .filter((word) => word !== '')
    .map((word) => {
      if (capitals.has(word.toLowerCase())) return word.toUpperCase();
      return word.length > 1 && word === word.toUpperCase() ? word : word.toLowerCase();
    });
  const text = words.join(' ');
  return text === '' ? name.trim() : text.charAt(0).toUpperCase() + text.slice(1);
}
