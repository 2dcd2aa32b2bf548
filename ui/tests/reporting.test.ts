import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const press = async (id: string): Promise<void> => {
  await userEvent.setup().click(byId(id));
  await settle();
};

describe('a problem with a contact', () => {
  it('is reported with its kind and in the words of the agent', async () => {
    const { host } = await show('report-issue');
    expect(screen.queryByTestId('issue-messages'), 'a call has no messages').toBeNull();
    await press('issue-sound');
    await userEvent.setup().type(byId('issue-text'), ' She heard <b>nothing</b>. ');
    await press('issue-send');
    expect(host.asked('contact_report')).toEqual([
      {
        contact: { account: 'account-1', contact: 'contact-1' },
        kind: 'sound',
        text: 'She heard <b>nothing</b>.',
      },
    ]);
    expect(screen.queryByTestId('report-sheet'), 'the sheet is done with').toBeNull();
    expect(byId('said')).toHaveTextContent('reported');
    await press('report-issue');
    expect(byId('issue-text'), 'a new one begins empty').toHaveValue('');
  });

  it('that could not be told loses nothing, also when the sheet is closed', async () => {
    const { host } = await show('report-issue-failed');
    expect(byId('issue-problem')).toHaveTextContent('What you wrote is still here.');
    expect(byId('issue-text')).toHaveValue('She heard nothing for a minute.');
    await press('report-sheet-close');
    await press('report-issue');
    expect(byId('issue-text'), 'there again').toHaveValue('She heard nothing for a minute.');
    expect(byId('issue-sound')).toBeChecked();
    host.answers.contact_report = () => {
      throw rpcError('unavailable', 'error_timeout', true);
    };
    await press('issue-send');
    expect(byId('issue-problem'), 'it may have arrived').toHaveTextContent('not certain');
    host.answers.contact_report = () => ({});
    await press('issue-send');
    expect(host.asked('contact_report')).toHaveLength(3);
    expect(screen.queryByTestId('report-sheet')).toBeNull();
  });

  it('of no kind, or of another one without words, is not sent', async () => {
    const { host } = await show('report-issue');
    await press('issue-send');
    expect(byId('issue-kind-fault')).toHaveTextContent('Choose');
    await press('issue-other');
    await press('issue-send');
    expect(byId('issue-text-fault')).toHaveTextContent('Say what it is');
    const text = byId('issue-text') as HTMLTextAreaElement;
    text.value = 'x'.repeat(1001);
    text.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
    await press('issue-send');
    expect(byId('issue-text')).toHaveAttribute('aria-invalid', 'true');
    expect(host.asked('contact_report')).toEqual([]);
  });

  it('cannot be reported where the platform takes none', async () => {
    await show('live');
    expect(screen.queryByTestId('report-issue')).toBeNull();
  });
});
