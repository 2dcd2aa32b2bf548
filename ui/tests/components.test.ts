import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import {
  account,
  agent,
  audio,
  finished,
  live,
  media,
  notice,
  offered,
  snapshot,
  systemState,
  state,
} from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { clock } from '../src/lib/desk/clock.svelte';
import { asOffer } from '../src/lib/desk/contacts';
import { states } from '../src/lib/host/states';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);

it('starts the clock once, however often it ticks', async () => {
  let now = Date.now();
  const time = vi.spyOn(Date, 'now').mockImplementation(() => (now += 1));
  const start = vi.spyOn(clock, 'start');
  await show('available');
  await settle();
  expect(start, 'a tick does not start it anew').toHaveBeenCalledTimes(1);
  time.mockRestore();
  start.mockRestore();
});

it('lets no timer run while the page is hidden, and shows the time at once when it can be seen again', async () => {
  vi.useFakeTimers();
  const seen = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  try {
    const shown = show('live');
    await vi.advanceTimersByTimeAsync(10);
    await shown;
    const time = document.querySelector('main time');
    const told = (): void => void document.dispatchEvent(new Event('visibilitychange'));
    seen.mockReturnValue('hidden');
    told();
    await vi.advanceTimersByTimeAsync(10);
    const before = time?.textContent;
    await vi.advanceTimersByTimeAsync(3000);
    expect(time?.textContent, 'nobody sees it').toBe(before);
    seen.mockReturnValue('visible');
    told();
    await vi.advanceTimersByTimeAsync(10);
    expect(time?.textContent, 'without waiting for the next second').not.toBe(before);
    const after = time?.textContent;
    await vi.advanceTimersByTimeAsync(2000);
    expect(time?.textContent, 'and it goes on').not.toBe(after);
  } finally {
    seen.mockRestore();
    vi.useRealTimers();
  }
});

it('lets the timers of the header change some frames after those below, which are then painted apart', async () => {
  vi.useFakeTimers();
  try {
    const shown = show('live');
    await vi.advanceTimersByTimeAsync(10);
    await shown;
    const header = document.querySelector('header time');
    const below = document.querySelector('main time');
    // From the middle of one second to just after the beginning of the next.
    await vi.advanceTimersByTimeAsync(1500 - (Date.now() % 1000));
    const before = [header?.textContent, below?.textContent];
    await vi.advanceTimersByTimeAsync(520);
    expect(header?.textContent, 'not yet').toBe(before[0]);
    expect(below?.textContent, 'with the second').not.toBe(before[1]);
    await vi.advanceTimersByTimeAsync(60);
    expect(header?.textContent, 'and then it does').not.toBe(before[0]);
  } finally {
    vi.useRealTimers();
  }
});

describe('an offer', () => {
  it('is accepted by keyboard, once, and says that it is on its way', async () => {
    const { host } = await show('ringing');
    const user = userEvent.setup();
    let answer: () => void = () => undefined;
    host.answers.contact_accept = () => new Promise((resolve) => (answer = () => resolve({})));
    byId('accept').focus();
    await user.keyboard('{Enter}{Enter}');
    expect(host.asked('contact_accept'), 'a second press does nothing').toEqual([{ contact: offered().key }]);
    expect(byId('accept')).toHaveAttribute('aria-disabled', 'true');
    expect(byId('accept')).toHaveTextContent('Accepting');
    answer();
    await settle();
    expect(byId('accept')).toHaveTextContent('Accept');
  });

  it('can be declined, unless the platform does not allow it', async () => {
    const { host } = await show('ringing');
    await fireEvent.click(byId('decline'));
    expect(host.asked('contact_reject')).toHaveLength(1);
    host.push({
      kind: 'patch',
      value: {
        from: 41,
        to: 42,
        changes: [{ kind: 'contact', value: offered({}, { allowed: ['accept'] }) }],
      },
    });
    await settle();
    expect(screen.queryByTestId('decline')).toBeNull();
  });

  it('is announced at once to those who listen, with customer and queue', async () => {
    await show('ringing');
    expect(byId('offer-announcer')).toHaveAttribute('aria-live', 'assertive');
    expect(byId('offer-announcer')).toHaveTextContent('Incoming call from Customer One, queue Orders');
  });

  it('shows its countdown as a timer', async () => {
    await show('ringing');
    expect(within(byId('offer')).getByRole('timer')).toHaveAccessibleName(/^1[34] seconds left to answer$/);
  });

  it('shows hostile text as text', async () => {
    const { container } = await show('ringing-hostile');
    expect(container.querySelector('img, script')).toBeNull();
    expect(byId('customer')).toHaveTextContent('<img src=x onerror=alert(1)>');
  });

  it('that failed to be accepted says why and can be tried again', async () => {
    const { host } = await show('ringing');
    host.answers.contact_accept = () => {
      throw rpcError('not_possible', 'error_contact_gone');
    };
    await fireEvent.click(byId('accept'));
    await settle();
    expect(byId('notice-text')).toHaveTextContent('That contact is already gone.');
    expect(byId('accept')).not.toHaveAttribute('aria-disabled');
  });
});

describe('a live call', () => {
  it('shows mute by what was sent, not by what was wished', async () => {
    const { host } = await show('live');
    expect(byId('mute')).toHaveAttribute('aria-pressed', 'false');
    expect(byId('proof-text')).toHaveTextContent('The caller hears you');
    await fireEvent.click(byId('mute'));
    expect(host.asked('contact_mute')).toEqual([{ contact: live().key, muted: true }]);
    const put = async (from: number, change: Parameters<typeof media>[0]): Promise<void> => {
      const value = live({ media: media(change) });
      host.push({ kind: 'patch', value: { from, to: from + 1, changes: [{ kind: 'contact', value }] } });
      await settle();
    };
    await put(41, { mute_wanted: true, sending: 'sound' });
    expect(byId('mute'), 'sound is still sent').toHaveAttribute('aria-pressed', 'false');
    await put(42, { mute_wanted: true, sending: 'muted' });
    expect(byId('mute')).toHaveAttribute('aria-pressed', 'true');
    expect(byId('proof-text')).toHaveTextContent('The caller hears nothing (muted)');
    await fireEvent.click(byId('mute'));
    expect(host.asked('contact_mute').at(-1)?.muted).toBe(false);
    await put(43, { mute_wanted: false, sending: 'silence' });
    expect(byId('proof-text')).toHaveTextContent('Microphone gives no sound');
  });

  it('does not claim that the caller hears a microphone that is gone', async () => {
    const { host, desk } = await show('live');
    expect(byId('proof-text')).toHaveTextContent('The caller hears you');
    const put = async (serving: string | null): Promise<void> => {
      const from = desk.snapshot?.revision ?? 0;
      const microphone = {
        choice: { kind: 'system_default' as const },
        serving,
        fallback: false,
        open: true,
      };
      const change = { kind: 'audio' as const, value: audio({ microphone }) };
      host.push({ kind: 'patch', value: { from, to: from + 1, changes: [change] } });
      await settle();
    };
    await put(null);
    expect(byId('proof-text'), 'before the silence is measured').toHaveTextContent(
      'Microphone gives no sound',
    );
    await put('Jabra Evolve2 40 Mono');
    expect(byId('proof-text')).toHaveTextContent('The caller hears you');
  });

  it('offers only what is allowed', async () => {
    const quiet = live({}, { allowed: ['end'] });
    await show({ window: 'panel', snapshot: snapshot({ contacts: [quiet] }) });
    for (const id of ['mute', 'hold', 'resume', 'keypad']) expect(screen.queryByTestId(id), id).toBeNull();
    expect(byId('end')).toBeEnabled();
  });

  it('sends tones in order, from the keypad and from the keyboard', async () => {
    const { host } = await show('live');
    const user = userEvent.setup();
    await user.click(byId('keypad'));
    expect(byId('keypad')).toHaveAttribute('aria-expanded', 'true');
    await user.keyboard('4*');
    await user.click(byId('digit-hash'));
    await user.click(byId('digit-0'));
    await settle();
    expect(host.asked('contact_digits').map((request) => request.digits)).toEqual(['4', '*', '#', '0']);
  });

  it('is held, resumed and ended', async () => {
    const { host } = await show('live');
    await fireEvent.click(byId('hold'));
    await fireEvent.click(byId('end'));
    expect(host.asked('contact_hold')).toEqual([{ contact: live().key, connection: null }]);
    expect(host.asked('contact_end')).toHaveLength(1);
    const other = await show('hold');
    await fireEvent.click(screen.getAllByTestId('resume').at(-1) as HTMLElement);
    expect(other.host.asked('contact_resume')).toHaveLength(1);
  });

  it('shows that sound is being mended, and that it failed', async () => {
    await show('reconnecting');
    expect(byId('media-reconnecting')).toHaveAttribute('role', 'alert');
    document.body.replaceChildren();
    await show('media-failed');
    expect(byId('media-failed')).toHaveTextContent('the relay server cannot be reached');
  });

  it('explains the quality of the line', async () => {
    await show('quality-poor');
    expect(byId('quality-details')).toHaveTextContent('410 ms');
    expect(byId('quality-details')).toHaveTextContent('7.6 %');
  });
});

describe('shortcuts', () => {
  it('act on the call, and only with Alt', async () => {
    const { host } = await show('live');
    const user = userEvent.setup();
    await user.keyboard('m h e');
    expect(
      (['contact_mute', 'contact_hold', 'contact_end'] as const).flatMap((command) => host.asked(command)),
    ).toEqual([]);
    await user.keyboard('{Alt>}m{/Alt}');
    await user.keyboard('{Alt>}h{/Alt}');
    await user.keyboard('{Alt>}e{/Alt}');
    expect(host.asked('contact_mute')).toHaveLength(1);
    expect(host.asked('contact_hold')).toHaveLength(1);
    expect(host.asked('contact_end')).toHaveLength(1);
    expect(host.asked('contact_accept')).toHaveLength(0);
  });

  it('accept the oldest offer', async () => {
    const older = offered(
      { key: { account: 'account-1', contact: 'older' }, offered_at: 1 },
      { id: 'older' },
    );
    const { host } = await show({ window: 'panel', snapshot: snapshot({ contacts: [offered(), older] }) });
    await userEvent.setup().keyboard('{Alt>}a{/Alt}');
    expect(host.asked('contact_accept')).toEqual([{ contact: older.key }]);
  });
});

describe('the agent state', () => {
  it('is chosen at once when free', async () => {
    const { host } = await show('available');
    const user = userEvent.setup();
    await user.click(byId('state-menu'));
    await user.click(await screen.findByTestId('state-option-Lunch'));
    expect(host.asked('agent_set_state')).toEqual([
      { account: 'account-1', state: 'state-lunch', when_free: false },
    ]);
  });

  it('is queued during a contact, and says so, by keyboard alone', async () => {
    const { host } = await show('live');
    const user = userEvent.setup();
    byId('state-menu').focus();
    await user.keyboard('{Enter}');
    // Hidden: jsdom lays nothing out, so the menu never gets its position.
    expect(await screen.findByRole('menu', { hidden: true })).toHaveTextContent(
      'The new state starts after it.',
    );
    // The first choice has the focus.
    await user.keyboard('{ArrowDown}{Enter}');
    expect(host.asked('agent_set_state')).toEqual([
      { account: 'account-1', state: 'state-lunch', when_free: true },
    ]);
  });

  it('names next and pending state', async () => {
    await show('live-next-state');
    expect(byId('state-next')).toHaveTextContent('Lunch after this contact');
    document.body.replaceChildren();
    await show('two-accounts');
    expect(byId('state-pending')).toHaveTextContent('Changing to Available');
  });

  it('is one click back to available after a missed contact', async () => {
    const { host } = await show('missed');
    await fireEvent.click(byId('back-to-available'));
    expect(host.asked('agent_set_state')).toEqual([
      { account: 'account-1', state: 'state-available', when_free: false },
    ]);
  });

  it('set by the platform without words of ours shows its name', async () => {
    const odd = agent({ state: systemState('PlatformThing', 'unknown', 3) });
    await show({ window: 'panel', snapshot: snapshot({ accounts: [account({ agent: odd })] }) });
    expect(byId('state-name')).toHaveTextContent('PlatformThing');
  });

  it('of an account that is down says why and offers to sign in', async () => {
    const { host } = await show('sign-in-needed');
    expect(byId('account-state')).toHaveTextContent('Your sign-in has expired. Sign in again.');
    await fireEvent.click(byId('sign-in'));
    expect(host.asked('account_sign_in')).toEqual([{ account: 'account-1' }]);
    expect(byId('notice-text')).toHaveTextContent('Sign in to Northwind Support to receive contacts.');
    expect(screen.queryByTestId('notice-action'), 'one way in is enough').toBeNull();
  });

  it('that is online leaves the way to sign in to the message', async () => {
    const ending = notice('notice_sign_in_needed', {
      params: { account: 'Northwind Support' },
      account: 'account-1',
      action: 'sign_in',
    });
    const { host } = await show({ window: 'panel', snapshot: snapshot({ notices: [ending] }) });
    expect(screen.queryByTestId('sign-in'), 'its row has no button').toBeNull();
    await fireEvent.click(byId('notice-action'));
    expect(host.asked('account_sign_in')).toEqual([{ account: 'account-1' }]);
  });

  it('without a choice of states has a menu that does nothing', async () => {
    const bare = agent({ selectable_states: [], state: state('Init', { kind: 'init', id: null }) });
    await show({ window: 'panel', snapshot: snapshot({ accounts: [account({ agent: bare })] }) });
    expect(byId('state-menu')).toBeInTheDocument();
  });
});

describe('a finished contact', () => {
  it('is told apart by how it ended', async () => {
    await show('failures');
    expect(byId('contact-missed')).toHaveTextContent('The customer hung up while it rang.');
    expect(byId('contact-rejected')).toHaveTextContent('You declined it.');
    expect(byId('contact-failed')).toHaveTextContent(
      'The platform refused or did not answer the call set-up.',
    );
    expect(screen.getAllByTestId('dismiss')).toHaveLength(3);
  });

  it('is wrapped up with Finish', async () => {
    const { host } = await show('wrap-up');
    await fireEvent.click(byId('finish'));
    expect(host.asked('contact_clear')).toEqual([{ contact: finished().key }]);
  });
});

describe('messages', () => {
  it('are read out by urgency and carry their action', async () => {
    const { container, host } = await show('microphone-silent');
    expect(container.querySelector('header [aria-live="polite"]')).toHaveTextContent(
      'The microphone gives no sound',
    );
    await fireEvent.click(byId('notice-action'));
    await settle();
    expect(byId('settings-audio')).toHaveAttribute('aria-current', 'page');
    await fireEvent.click(byId('notice-dismiss'));
    expect(host.asked('notice_dismiss')).toEqual([{ id: 'notice_microphone_silent' }]);
  });

  it('never show a raw key', async () => {
    const { container } = await show('notices');
    await fireEvent.click(byId('notices-more'));
    expect(screen.getAllByTestId('notice')).toHaveLength(5);
    expect(container.textContent).not.toMatch(/notice_|limit_|error_/);
  });

  it('are not said twice when the core tells of the failed command itself', async () => {
    const value = states['notices']?.();
    const { desk, host } = await show(value ?? 'notices');
    host.answers.contact_hold = () => {
      throw rpcError('failed', 'error_failed');
    };
    await desk.send('contact_hold', { contact: live().key, connection: null });
    await settle();
    expect(screen.queryByText('That did not work. Try again.')).toBeNull();
  });
});

describe('the settings', () => {
  it('add an account with its secret apart from its settings, then sign in', async () => {
    const { host } = await show('first-run');
    const user = userEvent.setup();
    await user.click(byId('first-run-add'));
    await user.click(byId('account-save'));
    expect(byId('account-field-address'), 'what is missing is marked').toHaveAttribute(
      'aria-invalid',
      'true',
    );
    expect(host.asked('account_save')).toHaveLength(0);
    await user.type(byId('account-field-address'), 'https://northwind.example');
    await user.type(byId('account-field-token'), 'a-secret');
    expect(byId('account-field-token')).toHaveAttribute('type', 'password');
    await user.click(byId('account-save'));
    await settle();
    expect(host.asked('account_save')).toEqual([
      {
        account: null,
        platform: 'amazon-connect',
        name: 'Amazon Connect',
        settings: {
          address: 'https://northwind.example',
          login_width: '',
          login_height: '',
          login_left: '',
          login_top: '',
          login_stays_open: '',
        },
        secrets: { token: 'a-secret' },
      },
    ]);
    expect(host.asked('account_sign_in')).toEqual([{ account: 'account-9' }]);
  });

  it('mark the field that the core refused, and keep what was typed', async () => {
    const { host } = await show('first-run');
    const user = userEvent.setup();
    await user.click(byId('first-run-add'));
    await user.type(byId('account-field-address'), 'nonsense');
    host.answers.account_save = () => {
      throw { ...rpcError('invalid', 'error_address_invalid'), field: 'address' };
    };
    await user.click(byId('account-save'));
    await settle();
    expect(byId('account-field-address')).toHaveAccessibleDescription(/This is not a usable address/);
    expect(byId('account-field-address')).toHaveValue('nonsense');
  });

  it('fold what few need, open it where something is wrong, and keep what was typed', async () => {
    const { host } = await show({ window: 'panel', snapshot: snapshot(), show: 'settings/accounts' });
    const user = userEvent.setup();
    await user.click(byId('account-edit'));
    await settle();
    expect(byId('account-part'), 'nothing is set in it').not.toHaveAttribute('open');
    await user.click(byId('account-part-open'));
    await user.type(byId('account-field-login_width'), 'wide');
    await user.click(byId('account-field-login_stays_open'));
    host.answers.account_save = () => {
      throw { ...rpcError('invalid', 'error_number_needed'), field: 'login_width' };
    };
    await user.click(byId('account-save'));
    await settle();
    expect(host.asked('account_save')).toMatchObject([
      { settings: { login_width: 'wide', login_height: '', login_stays_open: 'true' } },
    ]);
    expect(byId('account-part')).toHaveAttribute('open');
    expect(byId('account-field-login_width')).toHaveAccessibleDescription('Enter a whole number.');
    expect(byId('account-field-login_width')).toHaveValue('wide');
    expect(byId('account-field-login_stays_open')).toBeChecked();
  });

  it('remove an account only after a question', async () => {
    const { host } = await show('settings-account-remove');
    expect(screen.getByRole('alertdialog')).toHaveTextContent('Remove Northwind Support?');
    expect(host.asked('account_remove')).toHaveLength(0);
    await userEvent.setup().click(byId('confirm-remove-confirm'));
    expect(host.asked('account_remove')).toEqual([{ account: 'account-1' }]);
  });

  it('sign out into the chosen state, offline unless another is chosen', async () => {
    const { host } = await show('settings-account-sign-out');
    const user = userEvent.setup();
    expect(byId('sign-out-state')).toHaveDisplayValue('Offline');
    const names = [...byId('sign-out-state').querySelectorAll('option')].map((one) =>
      one.textContent?.trim(),
    );
    expect(names, 'nobody is left where contacts would be offered').not.toContain('Available');
    await user.selectOptions(byId('sign-out-state'), 'Lunch');
    await user.click(byId('confirm-sign-out-confirm'));
    expect(host.asked('account_sign_out')).toMatchObject([{ account: 'account-1', state: 'state-lunch' }]);
  });

  it('do not sign out in the middle of a contact', async () => {
    await show({ window: 'panel', snapshot: snapshot({ contacts: [live()] }), show: 'settings/accounts' });
    expect(byId('account-sign-out')).toBeDisabled();
  });

  it('choose devices by name, and show the one that is away', async () => {
    const { host } = await show('settings-audio-fallback');
    const choice = byId('device-microphone-choice') as HTMLSelectElement;
    expect(choice.selectedOptions[0]).toHaveTextContent('Jabra Evolve2 40 Mono (not connected)');
    expect(byId('device-microphone-fallback')).toHaveTextContent('Built-in Audio Analog Stereo is used');
    await userEvent.setup().selectOptions(choice, 'Built-in Audio Analog Stereo');
    await userEvent.setup().selectOptions(choice, '');
    expect(host.asked('audio_choose').map((request) => request.choice)).toEqual([
      { kind: 'named', name: 'Built-in Audio Analog Stereo' },
      { kind: 'system_default' },
    ]);
  });

  it('test the microphone with a live level, and close it on leaving', async () => {
    const { host } = await show('settings-audio');
    expect(byId('test-microphone')).toHaveAttribute('aria-pressed', 'true');
    expect(within(byId('microphone-level')).getByRole('meter')).toHaveAttribute('aria-valuenow', '70');
    expect(byId('microphone-level')).toHaveTextContent('The microphone hears you.');
    await fireEvent.click(byId('tab-contacts'));
    await settle();
    expect(host.asked('audio_test_microphone')).toEqual([{ on: true }, { on: false }]);
  });

  it('take a ringtone file, and refuse what cannot be played', async () => {
    const { host } = await show('settings-audio');
    const user = userEvent.setup({ applyAccept: false });
    await user.upload(byId('ringtone-file'), new File(['x'], 'notes.txt'));
    expect(byId('ringtone-problem')).toHaveTextContent('This file cannot be played.');
    await user.upload(byId('ringtone-file'), new File(['tune'], 'tune.wav'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(host.asked('audio_ringtone')).toEqual([
      { builtin: null, file: { name: 'tune.wav', base64: btoa('tune') }, volume: null },
    ]);
  });

  it('change the theme at once and keep it', async () => {
    const { host } = await show('settings-panel');
    await fireEvent.click(byId('theme-dark'));
    await settle();
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(host.asked('panel_settings_save').at(-1)).toMatchObject({ theme: 'dark' });
  });
});

describe('the panel', () => {
  it('keeps the last picture while the core is away, and says that calls go on', async () => {
    await show('lost');
    expect(byId('lost')).toHaveTextContent('Calls keep ringing and go on without it.');
    expect(byId('call')).toBeInTheDocument();
  });

  it('goes where the core points', async () => {
    const { host } = await show('available');
    host.push({ kind: 'show', value: 'settings/about' });
    await settle();
    expect(byId('shortcuts')).toBeInTheDocument();
    expect(byId('version')).toHaveTextContent('0.1.0');
  });

  it('brings a new offer to the front', async () => {
    const { host } = await show('history');
    host.push({
      kind: 'patch',
      value: { from: 41, to: 42, changes: [{ kind: 'contact', value: offered() }] },
    });
    await settle();
    expect(byId('accept')).toBeInTheDocument();
  });
});

describe('the incoming window', () => {
  it('shows nothing without offers, and empties at once when an offer is gone', async () => {
    const { host, container } = await show('incoming-one');
    expect(byId('incoming')).toBeInTheDocument();
    host.push({ kind: 'offers', value: [] });
    await settle();
    expect(screen.queryByTestId('incoming')).toBeNull();
    expect(container).toHaveTextContent('');
  });

  it('answers each offer on its own', async () => {
    const { host } = await show('incoming-two');
    await fireEvent.click(screen.getAllByTestId('accept')[0] as HTMLElement);
    expect(host.asked('contact_accept'), 'the newest stands on top').toEqual([
      { contact: { account: 'account-2', contact: 'contact-2' } },
    ]);
    host.push({ kind: 'offers', value: [asOffer(offered(), 'x')] });
    await settle();
    await fireEvent.click(byId('decline'));
    expect(host.asked('contact_reject')).toEqual([{ contact: offered().key }]);
  });
});
