import { replaceAbsent } from './absent.ts';
import { Adoption } from './adopt.ts';
import type { Connect } from './vendor.ts';
import type { Ends } from './wire.ts';

/** Puts the panel at the other end of `ends` in place of the CCP. */
export function adoptPanel(connect: Connect, ends: Ends): Adoption {
  const adoption = new Adoption(connect, ends);
  replaceAbsent(connect, adoption);
  return adoption;
}
