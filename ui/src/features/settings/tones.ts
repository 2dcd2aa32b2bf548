import { m } from '$lib/i18n';

const names: Record<string, () => string> = {
  classic: m.ringtone_classic,
  chime: m.ringtone_chime,
  marimba: m.ringtone_marimba,
  pulse: m.ringtone_pulse,
  breeze: m.ringtone_breeze,
};

/** What a built-in tone is called. */
export const toneName = (tone: string): string => names[tone]?.() ?? m.ringtone_other({ name: tone });
