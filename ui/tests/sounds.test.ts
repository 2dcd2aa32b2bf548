import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const unchanged = { standard: false, builtin: null, file: null, volume: null };

it('each medium has a sound that is switched off, replaced and put back', async () => {
  const { host } = await show('settings-audio');
  const user = userEvent.setup();
  expect(byId('sound-choice-task'), 'off, as the core says').toHaveDisplayValue('Off');
  expect(byId('sound-play-task')).toBeDisabled();
  expect(byId('sound-choice-email')).toHaveDisplayValue('Chime');
  expect(byId('sound-choice-auto_accept')).toHaveDisplayValue('One soft knock');
  await user.selectOptions(byId('sound-choice-chat'), 'Off');
  await user.selectOptions(byId('sound-choice-task'), 'Marimba');
  await user.selectOptions(byId('sound-choice-email'), 'The ringtone, as for calls');
  await user.selectOptions(byId('sound-choice-voice'), 'Off');
  await settle();
  expect(host.asked('audio_sound')).toEqual([
    { kind: 'chat', off: true, ...unchanged },
    { kind: 'task', off: false, ...unchanged, builtin: 'marimba' },
    { kind: 'email', off: false, ...unchanged, standard: true },
    { kind: 'voice', off: true, ...unchanged },
  ]);
  expect(byId('sound-event')).toHaveTextContent('Events');
  expect(byId('sound-choice-event')).toHaveDisplayValue('The ringtone, as for calls');
  await user.selectOptions(byId('sound-choice-event'), 'Off');
  await settle();
  expect(host.asked('audio_sound').at(-1)).toEqual({ kind: 'event', off: true, ...unchanged });
  await user.click(byId('sound-play-email'));
  expect(host.asked('audio_try_sound')).toEqual([{ kind: 'email' }]);
});

it('only a tone of its own has a volume of its own, and calls have the ringtone', async () => {
  await show('settings-audio');
  expect(byId('sound-volume-email')).toHaveValue('40');
  expect(screen.queryByTestId('sound-volume-chat')).toBeNull();
  const options = within(byId('sound-choice-voice')).getAllByRole('option');
  expect(options.map((one) => one.textContent?.trim())).toEqual(['Off', 'The ringtone']);
});

it('a file goes to the sound it was chosen for; what cannot be played is refused there', async () => {
  const { host } = await show('settings-audio');
  const user = userEvent.setup({ applyAccept: false });
  await user.click(byId('sound-pick-chat'));
  await user.upload(byId('sound-file'), new File(['x'], 'notes.txt'));
  await settle();
  expect(byId('sound-chat')).toHaveTextContent(/cannot be played|not/i);
  expect(host.asked('audio_sound')).toEqual([]);
  await user.upload(byId('sound-file'), new File(['RIFF'], 'bell.wav'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await settle();
  expect(host.asked('audio_sound')).toMatchObject([{ kind: 'chat', file: { name: 'bell.wav' } }]);
});
