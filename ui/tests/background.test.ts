import { fireEvent, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';

import { authenticationWords, backgroundRows } from '../src/features/contacts/background';
import * as f from '../src/lib/host/fixtures';
import { settle, show, watchClipboard } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
async function press(id: string): Promise<void> {
  await fireEvent.click(byId(id));
  await settle();
}
beforeEach(() => localStorage.clear());

describe('what else is known of a contact', () => {
  it('is told in words, and ids only go to the clipboard', async () => {
    const copied = watchClipboard();
    const { container } = await show('call-background');
    await press('background-more');
    expect(byId('background-initiation')).toHaveTextContent('Handed over by another agent');
    expect(byId('background-subtype')).toHaveTextContent('Call from a web page or an app');
    expect(byId('background-reached')).toHaveTextContent('+44 20 7946 0100');
    expect(byId('background-chain')).toHaveTextContent('Continues an earlier contact');
    expect(byId('background-video')).toHaveTextContent('Not available here');
    expect(byId('background-screen')).toHaveTextContent('Not available here');
    expect(byId('background-recorded')).toHaveTextContent('Is recorded');
    expect(container.textContent, 'no id on the screen').not.toContain('first-contact-id');
    await press('copy-id-initial');
    expect(copied).toHaveBeenCalledWith('first-contact-id');
    await press('copy-id-contact');
    expect(copied).toHaveBeenCalledWith('contact-1');
    expect(byId('video-call')).toHaveTextContent('Only speech is available here');
  });

  it('leaves out what says nothing', () => {
    expect(backgroundRows(f.contact())).toEqual([]);
  });

  it('says how signing in ended, and nothing sure of a state it does not know', () => {
    const seen = { state: 'authenticated', customer: 'cust-42', provider: 'Example ID' } as const;
    expect(authenticationWords(seen)).toBe('Has signed in at Example ID as cust-42');
    expect(authenticationWords({ ...seen, state: 'failed' })).toBe('Tried to sign in, without success');
    expect(authenticationWords({ ...seen, state: 'odd' })).toBe('Not clear (odd)');
  });
});

describe('muting parties', () => {
  it('mutes one for everybody and lets one be heard again', async () => {
    const { host } = await show('call-parties-muted');
    await press('party-mute');
    expect(host.asked('contact_mute_party')).toEqual([
      { contact: { account: 'account-1', contact: 'contact-1' }, connection: 'leg-customer', muted: true },
    ]);
    expect(byId('party-muted')).toHaveTextContent('Muted');
    await press('party-unmute');
    expect(host.asked('contact_mute_party')[1]).toMatchObject({ connection: 'leg-third', muted: false });
  });

  it('tells the agent whom somebody has muted, and gives the way back', async () => {
    const { host } = await show('call-parties-muted');
    expect(byId('muted-by-platform')).toHaveTextContent('Nobody hears you');
    await press('unmute-self');
    expect(host.asked('contact_mute_party')).toMatchObject([{ connection: 'leg-agent', muted: false }]);
  });
});

describe('a call about a contact', () => {
  it('goes out related to the task it was begun from', async () => {
    const { host } = await show('task-call-about');
    await press('call-about');
    await fireEvent.click(await screen.findByTestId('dial-call', {}, { timeout: 9000 }));
    await settle();
    expect(host.asked('agent_dial')).toMatchObject([{ number: '+442079460123', related: 'task-1' }]);
  });

  it('says when the country is none that may be called, and lists those first', async () => {
    await show('task-call-about');
    await press('call-about');
    expect(await screen.findByTestId('dial-verdict', {}, { timeout: 9000 })).toHaveTextContent(
      'may not call United Kingdom',
    );
    expect(byId('dial-countries-allowed').querySelectorAll('option')).toHaveLength(2);
  });
});

describe('the state that was picked', () => {
  it('is told while the platform has the agent elsewhere', async () => {
    await show('task-call-about');
    expect(byId('state-picked')).toHaveTextContent('You chose: Available');
  });
});
