// Shows one state of the UI: `#state=ringing&theme=dark&language=ru`. Without a state, a list of links.
import '$lib/ui/base.css';

import { mount, tick } from 'svelte';

import Incoming from '$features/incoming/Incoming.svelte';
import { Settings } from '$features/settings/settings.svelte';
import { Desk } from '$lib/desk/desk.svelte';
import { loadPhones } from '$lib/format/phone.svelte';
import type { MemoryHost } from '$lib/host/memory';
import { act, hostFor, states } from '$lib/host/states';
import { language } from '$lib/i18n';
import { Theme } from '$lib/theme';

import App from '../src/App.svelte';

const params = new URLSearchParams(location.hash.slice(1));
const target = document.getElementById('app') ?? document.body;
const name = params.get('state') ?? '';
const make = states[name];

/** Draws a stand-in where the core would put a plugin's page: above everything of the panel's. */
function drawPlugins(host: MemoryHost): void {
  host.answers.plugin_arrange = ({ places }) => {
    for (const old of document.querySelectorAll('.plugin-page')) old.remove();
    for (const [plugin, { x, y, width, height }] of Object.entries(places)) {
      const page = document.createElement('div');
      page.className = 'plugin-page';
      page.setAttribute('role', 'region');
      page.setAttribute('aria-label', plugin);
      page.style.cssText = `position:fixed;z-index:99;box-sizing:border-box;display:grid;place-items:center;border:2px dashed #7a6ff0;background:repeating-linear-gradient(45deg,#f3f1ff 0 12px,#eae7ff 12px 24px);color:#322a8c;font-size:13px;left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
      page.textContent = `${plugin}: ${width} × ${height}`;
      document.body.append(page);
    }
    return {};
  };
}

async function show(): Promise<void> {
  const state = make?.();
  if (!state) {
    const list = document.createElement('ul');
    for (const key of Object.keys(states)) {
      const item = list.appendChild(document.createElement('li')).appendChild(document.createElement('a'));
      item.href = `#state=${key}`;
      item.textContent = key;
    }
    target.append(list);
    return;
  }
  document.title = name;
  const host = hostFor(state, params.get('theme') ?? 'system', params.get('language') ?? 'en');
  drawPlugins(host);
  const settings = new Settings(new Theme());
  const desk = new Desk(host);
  await settings.load(desk);
  await Promise.all([language.ready(), loadPhones()]);
  // Pages and sheets are chunks of their own: a state is what is seen when they are there.
  await Promise.all(Object.values(import.meta.glob('../src/features/**/*.svelte')).map((load) => load()));
  if (state.window === 'incoming') mount(Incoming, { target, props: { desk } });
  else mount(App, { target, props: { desk, settings } });
  await desk.start();
  if (state.lost) host.connection(false);
  for (const id of state.click ?? []) {
    await tick();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await act(id);
  }
  await tick();
  await new Promise((resolve) => setTimeout(resolve, (state.click?.length ?? 0) > 0 ? 500 : 150));
  document.documentElement.dataset['ready'] = name;
}
addEventListener('hashchange', () => location.reload());
void show();
