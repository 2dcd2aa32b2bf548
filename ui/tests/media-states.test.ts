import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { answerFault, grouped, pictureOf } from '../src/features/login/challenge';
import { fixedWords, isOn, mediumWords } from '../src/features/agent-state/media';
import { media } from '../src/lib/host/expertflow-states';
import { agent, state as agentState } from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { Challenge, MediaStateKind } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const row = (id: string): HTMLElement =>
  screen.getAllByTestId('medium').find((one) => one.dataset['medium'] === id) as HTMLElement;
const toggle = (id: string): HTMLElement => within(row(id)).getByTestId('medium-switch');
const asked: Challenge = { kind: 'code', sent_to: null, can_resend: false, wrong: false, words: null };

describe('the state in each medium', () => {
  it('is said in words, and no platform’s id shows', async () => {
    await show('media-states');
    expect(row('mrd-chat')).toHaveTextContent('Chat');
    expect(row('mrd-chat')).toHaveTextContent('Working');
    expect(row('mrd-voice')).toHaveTextContent('Voice');
    expect(row('mrd-cisco')).toHaveTextContent('Not set up for you');
    expect(mediumWords('FAX_DESK'), 'an unknown one keeps its name').toBe('FAX_DESK');
    expect(toggle('mrd-chat')).toHaveAccessibleName('Chat');
    expect(toggle('mrd-chat')).toHaveAttribute('aria-checked', 'true');
  });

  it('is switched, and shows what the platform says of it', async () => {
    const { host } = await show('media-states');
    await fireEvent.click(toggle('mrd-voice'));
    await settle();
    expect(host.asked('agent_set_media')).toEqual([
      { account: 'account-1', domain: 'mrd-voice', ready: false },
    ]);
    expect(toggle('mrd-voice'), 'not told yet').toHaveAttribute('aria-checked', 'true');
  });

  it('is busy until the answer is there, and not switched twice', async () => {
    const { host } = await show('media-switching');
    expect(toggle('mrd-chat')).toHaveAttribute('aria-busy', 'true');
    expect(row('mrd-chat')).toHaveTextContent('Switching off');
    await fireEvent.click(toggle('mrd-chat'));
    expect(host.asked('agent_set_media')).toHaveLength(1);
  });

  it('cannot be switched without reason given', async () => {
    const { host } = await show('media-not-ready');
    expect(row('mrd-chat')).toHaveTextContent('Finishing');
    expect(row('mrd-chat')).toHaveTextContent('get ready first');
    for (const id of ['mrd-chat', 'mrd-cisco']) {
      expect(toggle(id)).toHaveAttribute('aria-disabled', 'true');
      await fireEvent.click(toggle(id));
    }
    expect(host.asked('agent_set_media')).toEqual([]);
    const [chat] = media({ 'mrd-chat': { switchable: false } });
    const ready = agent({ state: agentState('Ready', { kind: 'routable' }) });
    expect(chat && fixedWords(chat, ready)).toBe('cannot be switched now');
  });

  it('that the platform refused is said once', async () => {
    const { host } = await show('media-states');
    host.answers.agent_set_media = () => {
      throw rpcError('not_possible', 'error_not_possible');
    };
    await fireEvent.click(toggle('mrd-voice'));
    await settle();
    expect(screen.getAllByTestId('notice')).toHaveLength(1);
  });

  it('is on as long as contacts may come', () => {
    const on = (state: MediaStateKind): boolean => media().some((one) => isOn({ ...one, state }));
    expect((['ready', 'active', 'busy', 'interrupted'] as const).every(on)).toBe(true);
    expect((['ending', 'not_ready', 'unknown'] as const).some(on)).toBe(false);
  });

  it('is not there where the agent’s state counts for all', async () => {
    await show('available');
    expect(screen.queryByTestId('media-states')).toBeNull();
  });
});

describe('one more step of a sign-in', () => {
  it('asks for a code, as a field that a keyboard knows', async () => {
    const { host } = await show('challenge-code');
    const field = screen.getByLabelText('Code');
    expect(field).toHaveAttribute('inputmode', 'numeric');
    expect(field).toHaveAttribute('autocomplete', 'one-time-code');
    expect(screen.getByTestId('challenge')).toHaveTextContent('sent to +49 151 ••••678');
    expect(screen.queryByTestId('sign-in'), 'signing in anew would begin at the beginning').toBeNull();
    await userEvent.setup().type(field, ' 123456 {Enter}');
    await settle();
    expect(host.asked('account_answer')).toEqual([{ account: 'account-1', text: '123456' }]);
  });

  it('has the code sent once more', async () => {
    const { host } = await show('challenge-code');
    await fireEvent.click(screen.getByTestId('challenge-resend'));
    await settle();
    expect(host.asked('account_resend')).toEqual([{ account: 'account-1' }]);
    expect(screen.getByTestId('challenge')).toHaveTextContent('A new code is on its way.');
  });

  it('says what was wrong until it is mended', async () => {
    await show('challenge-wrong');
    expect(screen.getByTestId('challenge-fault')).toHaveTextContent('That code was not right.');
    expect(screen.getByTestId('challenge-words')).toHaveTextContent('2 attempts left');
    const field = screen.getByTestId('challenge-answer');
    expect(field).toHaveAttribute('aria-invalid', 'true');
    await userEvent.setup().type(field, '1');
    expect(screen.getByTestId('challenge-fault').textContent).toBe('');
  });

  it('keeps what is typed when other things change', async () => {
    const { host, desk } = await show('challenge-code');
    await userEvent.setup().type(screen.getByTestId('challenge-answer'), '12');
    const [account] = desk.snapshot?.accounts ?? [];
    if (!account) throw new Error('no account');
    host.push({
      kind: 'patch',
      value: { from: 41, to: 42, changes: [{ kind: 'account', value: structuredClone(account) }] },
    });
    await settle();
    expect(screen.getByTestId('challenge-answer')).toHaveValue('12');
  });

  it('says what the core refused', async () => {
    const { host } = await show('challenge-code');
    host.answers.account_answer = () => {
      throw rpcError('failed', 'notice_command_failed_answer_challenge');
    };
    await userEvent.setup().type(screen.getByTestId('challenge-answer'), '1{Enter}');
    await settle();
    expect(screen.getByTestId('challenge-fault')).toHaveTextContent('did not take the answer');
  });

  it('sets up an app: a picture with words, and the secret to be typed', async () => {
    await show('challenge-app-open');
    const picture = await screen.findByTestId('challenge-picture');
    expect(picture).toHaveAccessibleName('Picture to scan with an app for one-time codes, for Fabrikam Care');
    expect(screen.getByTestId('challenge-secret')).toHaveTextContent('JBSW Y3DP EHPK 3PXP JBSW');
    expect(screen.getByTestId('challenge-answer')).toBeInTheDocument();
  });

  it('shows no picture from elsewhere', () => {
    const app = { ...asked, kind: 'register_app' as const, secret: null };
    expect(pictureOf({ ...app, picture: 'https://evil.example/x.png' })).toBeNull();
    expect(pictureOf({ ...app, picture: 'data:image/svg+xml;base64,AA' })).toBeNull();
    expect(pictureOf({ ...app, picture: 'data:image/png;base64,AA' })).not.toBeNull();
    expect(grouped('ab cdefg')).toBe('abcd efg');
  });

  it('asks for a number, and judges it before it is sent', async () => {
    const { host } = await show('challenge-phone');
    expect(screen.getByTestId('challenge-fault')).toHaveTextContent('7 to 15 digits');
    expect(host.asked('account_answer')).toEqual([]);
    const phone = { ...asked, kind: 'phone' as const };
    expect(answerFault(phone, '+49 (170) 123-4567')).toBeNull();
    expect(answerFault(phone, 'abc')).not.toBeNull();
    expect(answerFault(asked, ' ')).toBe('Enter the code.');
  });
});
