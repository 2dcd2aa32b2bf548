/** What is asked for while signing in, in words, and what an answer must keep to. */
import { m } from '$lib/i18n';
import type { Challenge } from '$lib/rpc/gen';

/** The question. */
export function challengeTitle(challenge: Challenge): string {
  switch (challenge.kind) {
    case 'code':
      return m.challenge_code();
    case 'register_app':
      return m.challenge_app();
    case 'phone':
      return m.challenge_phone();
  }
}

/** What is to be done. */
export function challengeHint(challenge: Challenge): string {
  switch (challenge.kind) {
    case 'code':
      return challenge.sent_to?.trim()
        ? m.challenge_code_sent({ where: challenge.sent_to.trim() })
        : m.challenge_code_hint();
    case 'register_app':
      return m.challenge_app_hint();
    case 'phone':
      return m.challenge_phone_hint();
  }
}

/** What is wrong with an answer before it is sent; `null`: nothing. */
export function answerFault(challenge: Challenge, text: string): string | null {
  const answer = text.trim();
  if (answer === '')
    return challenge.kind === 'phone' ? m.challenge_phone_missing() : m.challenge_code_missing();
  if (challenge.kind !== 'phone') return null;
  const digits = answer.replace(/^\+/, '').replaceAll(/[\s().\-/]/g, '');
  return /^\d{7,15}$/.test(digits) ? null : m.challenge_phone_invalid();
}

/** A secret in groups of four, to be read and typed; blanks in it do not count. */
export const grouped = (secret: string): string =>
  (secret.replaceAll(/\s/g, '').match(/.{1,4}/gu) ?? []).join(' ');

/** A picture that is part of the page; anything else is not fetched. */
export const pictureOf = (challenge: Challenge): string | null =>
  challenge.kind === 'register_app' &&
  /^data:image\/(png|gif|jpeg|webp);base64,/i.test(challenge.picture ?? '')
    ? challenge.picture
    : null;
