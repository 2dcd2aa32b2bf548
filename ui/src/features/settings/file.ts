import { m } from '$lib/i18n';

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

/** Why a file cannot be a tone, in words; `null`: it may be one. */
export function refusal(file: File): string | null {
  if (file.size > largestFile) return m.error_ringtone_too_large();
  return playable(file.name) ? null : m.error_ringtone_unreadable();
}
