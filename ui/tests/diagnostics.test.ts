import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const press = async (id: string): Promise<void> => {
  await userEvent.setup().click(byId(id));
  await settle();
};
/** Long enough for a change to be looked up. */
const lookedUp = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 320));
  await settle();
};

describe('the log in the settings', () => {
  it('shows entries newest first, with who, where and why, as text', async () => {
    const { container } = await show('diagnostics');
    await lookedUp();
    const entries = screen.getAllByTestId('log-entry');
    expect(entries).toHaveLength(5);
    expect(entries[0]).toHaveTextContent('Northwind Support');
    expect(entries[1]).toHaveTextContent('Error');
    expect(entries[1]).toHaveTextContent('turn.northwind.example');
    expect(entries[1]).toHaveTextContent('[secret 3fa91b02]');
    expect(entries[1]).toHaveTextContent('Because: no route to host');
    expect(entries[2], 'markup is text').toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(container.querySelector('[data-testid="log-view"] img')).toBeNull();
    expect(byId('log-count')).toHaveTextContent('5 entries');
    expect(byId('log-broken'), 'what could not be read is told').toHaveTextContent('3 lines');
  });

  it('is filtered by level, time and words, and the same is exported', async () => {
    const { host } = await show('diagnostics');
    await lookedUp();
    const user = userEvent.setup();
    await user.selectOptions(byId('log-level'), 'warn');
    await user.selectOptions(byId('log-span'), '0');
    await user.type(byId('log-search'), 'RELAY');
    await lookedUp();
    expect(screen.getAllByTestId('log-entry')).toHaveLength(1);
    expect(byId('log-count')).toHaveTextContent('1 entry');
    const asked = host.asked('log_read').at(-1);
    expect(asked?.query).toEqual({ since: null, level: 'warn', text: 'RELAY' });
    await press('log-export');
    expect(host.asked('log_export')).toEqual([{ query: asked?.query, end: '1:5000' }]);
    expect(byId('log-exported')).toHaveTextContent('exactly the one found here');
    expect(byId('log-exported-path')).toHaveTextContent('trunkline-log-20260402T101500Z.jsonl');
    await press('log-open-folder');
    expect(host.asked('downloads_open')).toHaveLength(1);
    host.answers.downloads_open = () => {
      throw rpcError('not_possible', 'error_folder_not_opened');
    };
    await press('log-open-folder');
    expect(byId('log-folder-problem')).toHaveTextContent('could not be opened');
  });

  it('of ten thousand entries shows a page at a time, and the last ones are in the export', async () => {
    const { host } = await show('diagnostics-many');
    await userEvent.setup().selectOptions(byId('log-span'), '0');
    await lookedUp();
    expect(screen.getAllByTestId('log-entry')).toHaveLength(100);
    expect(byId('log-count')).toHaveTextContent('10,000 entries');
    for (let page = 1; page < 10; page += 1) await press('log-earlier');
    const shown = screen.getAllByTestId('log-entry');
    expect(shown, 'no more than somebody reads').toHaveLength(1000);
    expect(shown[999], 'in order, without gaps').toHaveTextContent('entry 9001');
    expect(screen.queryByTestId('log-earlier')).toBeNull();
    expect(byId('log-more-in-export')).toHaveTextContent('1,000');
    await press('log-export');
    expect(host.asked('log_export')).toHaveLength(1);
    expect(byId('log-exported')).toHaveTextContent('10,000 entries');
  }, 60_000);

  it('says why an export failed, and what was found stays', async () => {
    const { host } = await show('diagnostics');
    await lookedUp();
    host.answers.log_export = () => {
      throw { ...rpcError('failed', 'error_log_not_allowed'), detail: '/home/agent-one/Downloads: denied' };
    };
    await press('log-export');
    const problem = within(byId('log-export-problem'));
    expect(problem.getByText(/must not be written/)).toBeInTheDocument();
    expect(problem.getByText('/home/agent-one/Downloads: denied')).toBeInTheDocument();
    expect(screen.getAllByTestId('log-entry')).toHaveLength(5);
  });

  it('a level that is chosen holds at once; one that is refused does not', async () => {
    const { host } = await show('diagnostics');
    const user = userEvent.setup();
    await user.selectOptions(byId('log-written'), 'debug');
    await settle();
    expect(host.asked('log_settings_save')).toEqual([{ written: 'debug', echoed: 'warn' }]);
    host.answers.log_settings_save = () => {
      throw rpcError('not_allowed', 'error_enforced');
    };
    await user.selectOptions(byId('log-echoed'), 'trace');
    await settle();
    expect(byId('log-settings-problem')).toHaveTextContent('administrator');
    expect(byId('log-echoed')).toHaveValue('warn');
    expect(byId('log-written')).toHaveValue('debug');
  });

  it('says what decides instead, what is fixed, and what was lost', async () => {
    await show('diagnostics-overridden');
    expect(byId('log-overridden')).toHaveTextContent('TRUNKLINE_LOG');
    expect(byId('log-written')).toBeDisabled();
    expect(byId('log-echoed')).toBeEnabled();
    expect(byId('log-lost')).toHaveTextContent('12');
    expect(byId('log-trouble')).toHaveTextContent('No space left on device');
  });

  it('that is not there is said, and so is one that cannot be read', async () => {
    await show('diagnostics-none');
    expect(byId('log-none')).toHaveTextContent('keeps no log');
  });

  it('that cannot be read is said', async () => {
    await show('diagnostics-unreadable');
    await lookedUp();
    expect(byId('log-problem')).toHaveTextContent('could not be read');
    expect(byId('log-export')).toBeDisabled();
  });
});
