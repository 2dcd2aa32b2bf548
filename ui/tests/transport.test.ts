import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { account, notice, snapshot } from '../src/lib/host/fixtures';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);

describe('the way to the platform', () => {
  it.each([
    ['direct', 'Connected directly'],
    ['page', 'Connected through the sign-in page'],
  ] as const)('%s is told in words', async (route, words) => {
    const accounts = [account({ route })];
    await show({ window: 'panel', snapshot: snapshot({ accounts }), show: 'settings/accounts' });
    expect(byId('account-route'), 'no code, but what it means').toHaveTextContent(words);
  });

  it('is not spoken of where it is not known', async () => {
    await show({ window: 'panel', snapshot: snapshot(), show: 'settings/accounts' });
    expect(screen.queryByTestId('account-route'), 'nothing is guessed').toBeNull();
    expect(screen.queryByTestId('account-open-panel'), 'nor offered where there is none').toBeNull();
  });
});

describe("the platform's own panel", () => {
  it('opens once the agent has read that calls may ring there', async () => {
    const accounts = [account({ capabilities: ['platform_panel'] })];
    const { host } = await show({
      window: 'panel',
      snapshot: snapshot({ accounts }),
      show: 'settings/accounts',
    });
    await fireEvent.click(byId('account-open-panel'));
    await settle();
    expect(byId('confirm-open-panel'), 'the warning').toHaveTextContent('calls may ring there as well');
    expect(host.asked('account_open_panel'), 'not before it is confirmed').toEqual([]);
    await fireEvent.click(byId('confirm-open-panel-confirm'));
    expect(host.asked('account_open_panel')).toEqual([{ account: 'account-1' }]);
  });

  it('is the last resort when both ways are refused', async () => {
    const refused = notice('notice_ways_refused', { account: 'account-1', action: 'platform_panel' });
    const { host } = await show({ window: 'panel', snapshot: snapshot({ notices: [refused] }) });
    expect(byId('notice-text')).toHaveTextContent('calls may then ring there');
    expect(byId('notice-action')).toHaveTextContent("Open Amazon Connect's own panel");
    await fireEvent.click(byId('notice-action'));
    expect(host.asked('account_open_panel')).toEqual([{ account: 'account-1' }]);
  });
});
