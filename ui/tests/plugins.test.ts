import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { ask, plugin, pluginDesk, rights, script, type PluginsOf } from '../src/lib/host/plugin-states';
import type { State } from '../src/lib/host/states';
import type { MemoryHost } from '../src/lib/host/memory';
import { settle, show, watchClipboard } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string, why: string): void => expect(screen.queryByTestId(id), why).toBeNull();
const press = async (id: string): Promise<void> => {
  await userEvent.setup().click(byId(id));
  await settle();
};
/** The page in a window of this width. */
const asWindow = (width: number): void => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: width >= Number(/min-width: (\d+)px/.exec(query)?.[1] ?? Infinity),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
};
const panel = (plugins: PluginsOf, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ contacts: [f.live()] }),
  plugins,
  ...rest,
});
const push = async (host: MemoryHost, plugins: PluginsOf): Promise<void> => {
  host.push({ kind: 'plugins', value: pluginDesk(plugins) });
  await settle();
};
/** Lets a frame pass, in which areas are measured. */
const frame = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 40));
  await settle();
};
const lastAreas = (host: MemoryHost): unknown => host.asked('plugin_arrange').at(-1);

beforeEach(() => {
  localStorage.clear();
  // Without a layout every box would be empty.
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(
    () => ({ left: 620, top: 48, right: 1000, bottom: 720 }) as DOMRect,
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  asWindow(0);
});

const area = { x: 620, y: 48, width: 380, height: 672 };

describe('beside the panel', () => {
  beforeEach(() => asWindow(1000));

  it('a plugin has a column of its own, whose area the core is told', async () => {
    const { host } = await show(panel({ plugins: [plugin({ title: 'Customer One' })] }));
    await frame();
    expect(byId('plugins-beside')).toHaveAccessibleName('Plugins');
    expect(byId('plugin-title')).toHaveTextContent('Customer One');
    expect(byId('plugin'), 'its own name beside its title').toHaveTextContent('CRM card');
    none('plugin-tabs', 'one needs no tabs');
    expect(lastAreas(host)).toEqual({ places: { 'crm-card': area }, wide: true });
  });

  it('there is none without plugins, and none on a system that cannot show them', async () => {
    const { host } = await show(panel({}));
    await frame();
    none('plugins-beside', 'nothing to see');
    none('plugins-menu', 'nothing to choose');
    expect(lastAreas(host), 'what was seen before is no more').toEqual({ places: {}, wide: false });
    document.body.innerHTML = '';
    const other = await show(panel({ plugins: [plugin()], unsupported: true }));
    await frame();
    none('plugins-beside', 'cannot be shown');
    expect(other.host.asked('plugin_arrange'), 'nobody to tell').toEqual([]);
  });

  it('asks for the plugins as they are, and a push that is newer holds', async () => {
    const { host } = await show({ window: 'panel', snapshot: f.snapshot() });
    expect(host.asked('plugin_list'), 'they are pushed only when they change').toHaveLength(1);
    let answer: (() => void) | undefined;
    host.answers.plugin_list = () =>
      new Promise((resolve) => (answer = () => resolve(pluginDesk({ plugins: [] }))));
    host.push({ kind: 'snapshot', value: f.snapshot({ revision: 90 }) });
    await push(host, { plugins: [plugin()] });
    answer?.();
    await settle();
    expect(byId('plugin-title'), 'the late answer is older').toHaveTextContent('CRM card');
  });

  it('a call script comes with a call and goes after the work that follows', async () => {
    const calls = (contacts: ReturnType<typeof f.live>[], revision: number): void => {
      host.push({ kind: 'snapshot', value: f.snapshot({ contacts, revision }) });
    };
    const { host } = await show(panel({ plugins: [script()] }, { snapshot: f.snapshot() }));
    none('plugin', 'no call');
    calls([f.offered()], 50);
    await settle();
    expect(byId('plugin')).toHaveAttribute('data-plugin', 'call-script');
    calls([f.finished()], 51);
    await settle();
    expect(byId('plugin'), 'after-call work').toBeInTheDocument();
    calls([f.finished({}, { state: 'missed' })], 52);
    await settle();
    none('plugin', 'a missed call is no call');
    await frame();
    expect(lastAreas(host)).toEqual({ places: {}, wide: false });
  });

  it('tabs are walked with the arrows, closed with Delete, and the chosen one is remembered', async () => {
    const plugins = [plugin(), script({ title: null }), plugin({ id: 'board', name: 'Wallboard' })];
    const first = await show(panel({ plugins }));
    const tabs = (): HTMLElement[] => screen.getAllByRole('tab');
    expect(
      tabs().map((tab) => tab.tabIndex),
      'one stop',
    ).toEqual([0, -1, -1]);
    const user = userEvent.setup();
    tabs()[0]?.focus();
    await user.keyboard('{ArrowRight}');
    await settle();
    expect(tabs()[1]).toHaveFocus();
    expect(byId('plugin')).toHaveAttribute('data-plugin', 'call-script');
    expect(screen.getByRole('tabpanel')).toHaveAccessibleName('Call script');
    await frame();
    expect(lastAreas(first.host), 'only the one in front').toEqual({
      places: { 'call-script': area },
      wide: true,
    });
    await user.keyboard('{End}{ArrowRight}{ArrowLeft}');
    await settle();
    expect(tabs()[2], 'round and back').toHaveFocus();
    await user.keyboard('{Delete}');
    await settle();
    expect(first.host.asked('plugin_show')).toEqual([{ plugin: 'board', on: false }]);
    expect(tabs()[1], 'the neighbour comes to the front').toHaveFocus();
    first.desk.stop();
    document.body.innerHTML = '';
    await show(panel({ plugins }));
    expect(byId('plugin'), 'as it was left').toHaveAttribute('data-plugin', 'call-script');
  });

  it('a tab is closed by its cross, and says when its plugin is in trouble', async () => {
    const { host } = await show(
      panel({ plugins: [plugin(), script({ state: { kind: 'crashed', cause: 'SIGKILL' } })] }),
    );
    expect(screen.getAllByRole('tab')[1]).toHaveAccessibleName('Stopped: Order 2041-77');
    await userEvent.setup().click(screen.getAllByTestId('plugin-tab-close')[1] as HTMLElement);
    expect(host.asked('plugin_show')).toEqual([{ plugin: 'call-script', on: false }]);
  });

  it('one of the navigation is opened and closed by the agent, without a word to the core', async () => {
    const { host } = await show(panel({ plugins: [plugin({ place: 'nav', state: { kind: 'resting' } })] }));
    none('plugin', 'not opened');
    await press('plugins-menu');
    await press('plugins-choice');
    expect(byId('plugin')).toHaveAttribute('data-plugin', 'crm-card');
    await frame();
    expect(lastAreas(host), 'a resting one is loaded by being given a place').toMatchObject({
      places: { 'crm-card': area },
    });
    await press('plugin-more');
    await press('plugin-hide');
    none('plugin', 'closed');
    expect(host.asked('plugin_show'), 'its manifest or the agent still want it shown').toEqual([]);
  });

  it('one that was hidden is shown again from the menu', async () => {
    const { host } = await show(panel({ plugins: [plugin({ shown: false })] }));
    await press('plugins-menu');
    await press('plugins-choice');
    expect(host.asked('plugin_show')).toEqual([{ plugin: 'crm-card', on: true }]);
  });

  it('the head loads again, and leads to settings and log', async () => {
    const { host } = await show(panel({ plugins: [plugin()] }));
    expect(byId('plugin-more')).toHaveAttribute('aria-expanded', 'false');
    await press('plugin-more');
    await press('plugin-reload');
    expect(host.asked('plugin_reload')).toEqual([{ plugin: 'crm-card' }]);
    await press('plugin-log');
    expect(byId('plugin-about')).toHaveAttribute('data-plugin', 'crm-card');
    expect(host.asked('plugin_log')).toEqual([{ plugin: 'crm-card' }]);
  });

  it.each([
    ['frozen', 'plugin-trouble', 'does not respond'],
    ['crashed', 'plugin-trouble', 'has stopped'],
    ['broken', 'plugin-trouble', 'could not be loaded'],
    ['consent', 'plugin-consent', 'asks for your permission'],
  ])('%s leaves the place to a card: no area, and the column stays', async (name, id, words) => {
    const { host } = await show(`plugin-${name}`);
    await frame();
    expect(byId(id)).toHaveTextContent(words);
    expect(lastAreas(host)).toEqual({ places: {}, wide: true });
  });

  it('a silent one is told of above its page, which stays', async () => {
    const { host } = await show('plugin-silent');
    await frame();
    expect(byId('plugin-silent')).toHaveTextContent('has not reported');
    expect(lastAreas(host)).toEqual({ places: { 'crm-card': area }, wide: true });
    await press('plugin-silent-again');
    expect(host.asked('plugin_reload')).toEqual([{ plugin: 'crm-card' }]);
  });

  it('a crashed one says why and is loaded again', async () => {
    const { host } = await show('plugin-crashed');
    expect(byId('plugin-cause')).toHaveTextContent('512 MiB');
    await press('plugin-again');
    expect(host.asked('plugin_reload')).toEqual([{ plugin: 'crm-card' }]);
  });

  it('dialogs lie in the panel’s column, and plugins stay', async () => {
    const { host } = await show(
      panel(
        { plugins: [plugin()] },
        { show: 'settings/plugins', click: ['plugin-details', 'plugin-remove'] },
      ),
    );
    await frame();
    const dialog = byId('confirm-plugin-remove');
    expect(byId('plugins-beside').parentElement?.contains(dialog), 'in the same frame').toBe(true);
    expect(byId('plugins-beside').contains(dialog), 'not in the second column').toBe(false);
    expect(dialog.closest('.column'), 'in the first').not.toBeNull();
    expect(lastAreas(host)).toEqual({ places: { 'crm-card': area }, wide: true });
  });
});

describe('in a narrow window', () => {
  beforeEach(() => asWindow(400));

  it('plugins take the panel’s place when the agent opens them, and give it back', async () => {
    const { host, container } = await show(panel({ plugins: [plugin()] }));
    await frame();
    none('plugin', 'nobody is led away from the call');
    expect(lastAreas(host), 'a second column is wanted').toEqual({ places: {}, wide: true });
    expect(byId('plugins-open')).toHaveTextContent('1');
    await press('plugins-open');
    await frame();
    expect(byId('plugin-back'), 'the keyboard goes along').toHaveFocus();
    expect(container.querySelector<HTMLElement>('.panel')?.inert, 'what lies below is out of reach').toBe(
      true,
    );
    expect(byId('call-bar'), 'the call stays at hand').toHaveTextContent('Customer One');
    expect(lastAreas(host)).toEqual({ places: { 'crm-card': area }, wide: true });
    await press('plugin-back');
    await frame();
    none('plugin', 'the panel is back');
    expect(byId('plugins-open')).toHaveFocus();
    expect(lastAreas(host)).toEqual({ places: {}, wide: true });
  });

  it('what rings is answered above the plugin', async () => {
    const { host } = await show('plugin-ringing');
    // The offer's card waits below, out of reach.
    await userEvent.setup().click(within(byId('plugin-page')).getByTestId('accept'));
    await settle();
    expect(host.asked('contact_accept')).toHaveLength(1);
    expect(byId('plugin'), 'the plugin stays').toBeInTheDocument();
  });

  it('a plugin gives way to what floats over the page, and comes back after it', async () => {
    const { host } = await show('plugin-running');
    await frame();
    await press('plugins-menu');
    await frame();
    expect(lastAreas(host), 'the menu would lie under it').toEqual({ places: {}, wide: true });
    await userEvent.setup().keyboard('{Escape}');
    await frame();
    expect(lastAreas(host)).toEqual({ places: { 'crm-card': area }, wide: true });
  });

  it('the core’s own wish to show something brings the panel back', async () => {
    const { host } = await show('plugin-running');
    host.push({ kind: 'show', value: 'settings/audio' });
    await settle();
    none('plugin-page', 'the panel shows what was asked for');
  });

  it('a call that ends closes its plugin, and the next call does not open it', async () => {
    const { host } = await show(panel({ plugins: [script()] }, { click: ['plugins-open'] }));
    expect(byId('plugin-page')).toBeInTheDocument();
    host.push({ kind: 'snapshot', value: f.snapshot({ revision: 60 }) });
    await settle();
    none('plugin-page', 'nothing is to be seen');
    host.push({ kind: 'snapshot', value: f.snapshot({ revision: 61, contacts: [f.offered()] }) });
    await settle();
    none('plugin-page', 'the offer comes first');
  });
});

describe('consent', () => {
  const asking = (change: Parameters<typeof plugin>[0] = {}): PluginsOf => ({
    plugins: [
      plugin({ state: { kind: 'awaits_consent' }, rights: rights(null, 'contacts', 'calls'), ...change }),
    ],
  });
  beforeEach(() => asWindow(1000));

  it('says in words what is asked for, and grants what the agent leaves on', async () => {
    const { host } = await show(panel(asking()));
    const card = byId('plugin-consent');
    expect(card).toHaveTextContent('It sees customers, numbers, queues and attributes');
    expect(card, 'whom it talks to').toHaveTextContent('https://crm.example.com');
    await press('plugin-consent-calls');
    await press('plugin-allow');
    expect(host.asked('plugin_grant')).toEqual([
      { plugin: 'crm-card', rights: { contacts: true, calls: false } },
    ]);
    expect(host.asked('plugin_enable')).toEqual([]);
  });

  it('not now switches it off, and grants nothing', async () => {
    const { host } = await show(panel(asking()));
    await press('plugin-not-now');
    expect(host.asked('plugin_enable')).toEqual([{ plugin: 'crm-card', on: false }]);
    expect(host.asked('plugin_grant')).toEqual([]);
  });

  it('of a new version keeps what was refused before, and marks what is new', async () => {
    await show(
      panel(
        asking({
          rights: [...rights(false, 'calls'), ...rights(true, 'contacts'), ...rights(null, 'state')],
        }),
      ),
    );
    expect(byId('plugin-consent-calls')).not.toBeChecked();
    expect(byId('plugin-consent-contacts')).toBeChecked();
    expect(byId('plugin-consent-state')).toHaveAccessibleDescription(/^New: /);
    expect(byId('plugin-consent-calls')).not.toHaveAccessibleDescription(/^New: /);
  });

  it('is asked for once: on its page in the settings, while that is open', async () => {
    await show(panel(asking(), { show: 'settings/plugins', click: ['plugin-details'] }));
    expect(screen.getAllByTestId('plugin-consent')).toHaveLength(1);
    none('plugins-beside', 'not beside as well');
  });
});

describe('a question of a plugin', () => {
  it('names plugin, target and contact, is announced, and takes no focus', async () => {
    const { host } = await show(panel({ plugins: [plugin()] }));
    byId('tab-history').focus();
    await push(host, { plugins: [plugin()], asks: [ask(), ask({ id: 'ask-2' })] });
    expect(byId('plugin-ask-text')).toHaveTextContent(
      '“CRM card” wants to transfer this call to Returns desk.',
    );
    expect(byId('plugin-ask-contact')).toHaveTextContent('Customer One');
    expect(byId('plugin-asks-more')).toHaveTextContent('1 more question');
    expect(byId('plugin-ask-announcer')).toHaveTextContent('wants to transfer');
    expect(byId('plugin-ask-announcer')).toHaveAttribute('aria-live', 'polite');
    expect(byId('tab-history')).toHaveFocus();
    await press('plugin-ask-allow');
    expect(host.asked('plugin_answer')).toEqual([{ ask: 'ask-1', allow: true }]);
    await push(host, { plugins: [plugin()], asks: [ask({ id: 'ask-2' })] });
    await press('plugin-ask-refuse');
    expect(host.asked('plugin_answer').at(-1)).toEqual({ ask: 'ask-2', allow: false });
    await push(host, { plugins: [plugin()] });
    none('plugin-ask', 'answered');
    expect(byId('plugin-ask-announcer')).toHaveTextContent(/^$/);
  });

  it('shows hostile text as text', async () => {
    const { container } = await show(
      panel({ asks: [ask({ name: '<b>x</b>', target: '<img src=x onerror=alert(1)>' })] }),
    );
    expect(byId('plugin-ask-text')).toHaveTextContent('<img src=x');
    expect(container.querySelector('img, [data-testid="plugin-ask-text"] b')).toBeNull();
  });
});

describe('messages of plugins', () => {
  it('come with the plugin’s name, as status or alert, and are put away', async () => {
    const { host } = await show(panel({}));
    host.push({ kind: 'popup', value: { name: 'CRM card', level: 'success', text: 'Saved' } });
    host.push({ kind: 'popup', value: { name: 'Script', level: 'error', text: '<i>No</i>' } });
    await settle();
    expect(within(byId('popups-status')).getByTestId('popup')).toHaveTextContent('CRM card Saved');
    expect(byId('popups-status')).toHaveAttribute('role', 'status');
    const alert = within(byId('popups-alert'));
    expect(byId('popups-alert')).toHaveAttribute('role', 'alert');
    expect(alert.getByTestId('popup-text'), 'text is text').toHaveTextContent('<i>No</i>');
    await fireEvent.click(alert.getByTestId('popup-dismiss'));
    await settle();
    expect(screen.getAllByTestId('popup')).toHaveLength(1);
  });

  it('that stay are notices: title, text and whose they are', async () => {
    const { host } = await show('plugin-notice');
    const notice = byId('notice');
    expect(notice).toHaveTextContent('Order 2041-77 is delayed');
    expect(notice).toHaveTextContent('The customer was promised a call back today.');
    expect(byId('notice-from')).toHaveTextContent('From CRM card');
    await press('notice-dismiss');
    expect(host.asked('notice_dismiss')).toEqual([{ id: 'notice_plugin' }]);
  });
});

describe('plugins in the settings', () => {
  it('are listed with how they stand, and switched', async () => {
    const { host } = await show('settings-plugins');
    const entries = screen.getAllByTestId('plugin-entry');
    expect(entries.map((entry) => within(entry).getByTestId('plugin-state').textContent)).toEqual([
      'Running',
      'Asks for permission',
      'Ready',
      'Off',
      'Stopped',
    ]);
    const off = within(entries[3] as HTMLElement).getByTestId('plugin-enable');
    expect(off).toHaveAccessibleName('Survey: on');
    expect(off).not.toBeChecked();
    await userEvent.setup().click(off);
    expect(host.asked('plugin_enable')).toEqual([{ plugin: 'survey', on: true }]);
  });

  it('without any there is a word about what they are', async () => {
    await show('settings-plugins-none');
    expect(byId('plugins-empty')).toHaveTextContent('No plugins yet');
    none('plugin-available', 'nothing comes with this program');
  });

  it('on a system without them that is said, and nothing can be added', async () => {
    await show('settings-plugins-unsupported');
    expect(byId('plugins-unsupported')).toHaveTextContent('cannot be shown on this system yet');
    none('plugin-add', 'nothing to add');
  });

  it('one has a page with all that is known, and rights that hold at once', async () => {
    const { host } = await show('settings-plugin');
    const about = byId('plugin-about');
    for (const words of ['1.2.0', 'https://crm.example.com/panel/plugin.json', 'Always beside the panel'])
      expect(about).toHaveTextContent(words);
    expect(byId('plugin-dropped')).toHaveTextContent('12 messages of its page were dropped');
    await press('plugin-right-annotate');
    expect(host.asked('plugin_grant')).toEqual([{ plugin: 'crm-card', rights: { annotate: false } }]);
    await press('plugin-trusted');
    expect(host.asked('plugin_trust')).toEqual([{ plugin: 'crm-card', on: true }]);
    await press('plugin-details-reload');
    expect(host.asked('plugin_reload')).toEqual([{ plugin: 'crm-card' }]);
  });

  it('may move calls without asking only with the right to move them', async () => {
    const opened = (change: Parameters<typeof plugin>[0]): State =>
      panel({ plugins: [plugin(change)] }, { show: 'settings/plugins', click: ['plugin-details'] });
    await show(opened({ rights: rights(false, 'transfers') }));
    none('plugin-trusted', 'refused');
    document.body.innerHTML = '';
    await show(opened({ rights: rights(true, 'contacts') }));
    none('plugin-trusted', 'never asked for');
    document.body.innerHTML = '';
    await show(opened({ rights: rights(true, 'transfers'), trusted: true }));
    expect(byId('plugin-trusted')).toBeChecked();
  });

  it('its settings are checked, saved, and say what the core refuses', async () => {
    const { host } = await show('settings-plugin');
    const user = userEvent.setup();
    const address = byId('plugin-value-lookup_url');
    await user.clear(address);
    await user.type(address, 'http://crm.example.com');
    await press('plugin-values-save');
    expect(address).toHaveAccessibleDescription(/begins with https:\/\/\.$/);
    expect(host.asked('plugin_settings_save'), 'nothing is sent').toEqual([]);
    await user.clear(address);
    await user.type(address, ' https://crm.example.com/v2 ');
    await press('plugin-values-save');
    expect(host.asked('plugin_settings_save')).toEqual([
      { plugin: 'crm-card', values: { lookup_url: 'https://crm.example.com/v2', team: 'Orders' } },
    ]);
    host.answers.plugin_settings_save = () => {
      throw { ...rpcError('invalid', 'error_too_long'), field: 'team' };
    };
    await press('plugin-values-save');
    expect(byId('plugin-value-team')).toHaveAttribute('aria-invalid', 'true');
  });

  it('the log is read newest first, copied in order, and may be empty', async () => {
    const writeText = watchClipboard();
    const { host } = await show('settings-plugin');
    const lines = screen.getAllByTestId('plugin-log-line');
    expect(lines[0]).toHaveTextContent('TypeError');
    expect(lines.map((line) => line.dataset['level'])).toEqual(['error', 'warning', 'info', 'info']);
    await fireEvent.click(byId('plugin-log-copy'));
    await settle();
    const text = writeText.mock.calls[0]?.[0] ?? '';
    expect(text.split('\n')[0], 'oldest first').toMatch(/^\d{4}-.*Z info its page is loaded$/);
    host.answers.plugin_log = () => [];
    await press('plugin-log-again');
    expect(byId('plugin-log-empty')).toBeInTheDocument();
    none('plugin-log-copy', 'nothing to copy');
    host.answers.plugin_log = () => {
      throw rpcError('unavailable', 'error_unavailable', true);
    };
    await press('plugin-log-again');
    host.answers.plugin_log = () => [];
    await press('plugin-log-retry');
    expect(byId('plugin-log-empty'), 'there again').toBeInTheDocument();
  });

  it('is removed only after a question, and not when the administrator has put it there', async () => {
    const { host } = await show('settings-plugin-remove');
    expect(byId('confirm-plugin-remove')).toHaveTextContent('Everything that it has kept');
    expect(host.asked('plugin_remove'), 'not yet').toEqual([]);
    await press('confirm-plugin-remove-confirm');
    expect(host.asked('plugin_remove')).toEqual([{ plugin: 'crm-card' }]);
    await push(host, {});
    expect(byId('plugins-empty'), 'back at the list').toBeInTheDocument();
    document.body.innerHTML = '';
    await show('settings-plugin-fixed');
    none('plugin-remove', 'fixed');
    expect(byId('plugin-fixed')).toHaveTextContent('administrator');
  });
});

describe('adding a plugin', () => {
  const user = userEvent.setup();

  it('that comes with the program is one press, and leads to what it asks for', async () => {
    const { host } = await show('settings-plugins-empty');
    host.answers.plugin_add = () => ({ plugin: 'crm-card' });
    await user.click(screen.getAllByTestId('plugin-add-built-in')[0] as HTMLElement);
    expect(host.asked('plugin_add')).toEqual([{ source: { kind: 'built_in', name: 'pre-call' } }]);
    await push(host, {
      plugins: [plugin({ state: { kind: 'awaits_consent' }, rights: rights(null, 'agent') })],
    });
    expect(byId('plugin-consent')).toBeInTheDocument();
  });

  it.each([
    ['web', 'crm.example.com', 'begins with https'],
    ['web', 'http://crm.example.com/plugin.json', 'begins with https'],
    ['folder', 'plugins/crm', 'from the root on'],
    ['folder', '', 'Fill in this field'],
  ])('from %s “%s” is refused before anybody is asked', async (kind, text, words) => {
    const { host } = await show('settings-plugins-none');
    await user.selectOptions(byId('plugin-add-kind'), kind);
    if (text !== '') await user.type(byId('plugin-add-text'), text);
    await press('plugin-add-typed');
    expect(byId('plugin-add-text')).toHaveAccessibleDescription(new RegExp(words));
    expect(host.asked('plugin_add')).toEqual([]);
  });

  it('from an address or a folder sends what was typed', async () => {
    const { host } = await show('settings-plugins-none');
    await user.type(byId('plugin-add-text'), ' https://crm.example.com/plugin.json ');
    await press('plugin-add-typed');
    await user.selectOptions(byId('plugin-add-kind'), 'folder');
    await user.type(byId('plugin-add-text'), '/srv/plugins/crm');
    await press('plugin-add-typed');
    expect(host.asked('plugin_add').map(({ source }) => source)).toEqual([
      { kind: 'web', address: 'https://crm.example.com/plugin.json' },
      { kind: 'folder', path: '/srv/plugins/crm' },
    ]);
  });

  it.each([
    ['error_plugin_folder', 'no plugin in this folder'],
    ['error_plugin_manifest', 'cannot be used'],
    ['error_plugin_address', 'must begin with https'],
    ['error_plugin_unreachable', 'cannot be reached'],
    ['error_plugin_known', 'added already'],
    ['error_plugin_not_found', 'not there any more'],
  ])('that fails with %s says so, with the cause in the system’s words', async (key, words) => {
    const { host } = await show('plugin-add-failed');
    host.answers.plugin_add = () => {
      throw { ...rpcError('invalid', key), detail: 'line 4: <b>bold</b>' };
    };
    await press('plugin-add-typed');
    expect(byId('plugin-add-problem')).toHaveTextContent(words);
    expect(byId('plugin-add-problem'), 'as text').toHaveTextContent('line 4: <b>bold</b>');
    expect(byId('plugin-add-text'), 'what was typed stays').toHaveValue('/srv/plugins/crm');
  });
});

describe('what was put onto a contact', () => {
  it('is kept in the history under a heading of its own, and copied with the rest', async () => {
    const writeText = watchClipboard();
    await show('history-noted');
    const noted = byId('history-noted');
    for (const words of ['C-10442', 'one@example.com', 'Delivery is late'])
      expect(noted).toHaveTextContent(words);
    expect(byId('history-details')).toHaveTextContent('Noted here');
    await fireEvent.click(byId('history-copy'));
    await settle();
    expect(writeText.mock.calls[0]?.[0]).toContain('Noted here\nCustomer: Customer One\n');
    document.body.innerHTML = '';
    await show('history-details');
    none('history-noted', 'nothing was noted');
  });
});
