/** Bytes: the largest ringtone that the core takes. */
export const largestFile = 8 * 1024 * 1024;

/** Whether the name says that the core can play it. */
export const playable = (name: string): boolean => /\.(wav|mp3|ogg|flac)$/i.test(name);

/** A file's content in base64. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    // `data:TYPE;base64,CONTENT`
    reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '');
    reader.onerror = () => reject(reader.error ?? new Error('unreadable file'));
    reader.readAsDataURL(file);
  });
}
