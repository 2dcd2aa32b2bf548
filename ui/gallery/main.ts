// Shows one state of the UI: `#state=ringing&theme=dark&language=ru`. Without a state, a list of links.
import '$lib/ui/base.css';

import { mount, tick } from 'svelte';

import Incoming from '$features/incoming/Incoming.svelte';
import { Settings } from '$features/settings/settings.svelte';
import { Desk } from '$lib/desk/desk.svelte';
import { act, hostFor, states } from '$lib/host/states';
import { Theme } from '$lib/theme';

import App from '../src/App.svelte';

const params = new URLSearchParams(location.hash.slice(1));
const target = document.getElementById('app') ?? document.body;
const name = params.get('state') ?? '';
const make = states[name];

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
  const settings = new Settings(new Theme());
  const desk = new Desk(host);
  await settings.load(desk);
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
