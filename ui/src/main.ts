import '$lib/ui/base.css';

import { mount } from 'svelte';

import NoHost from '$features/login/NoHost.svelte';
import { Settings } from '$features/settings/settings.svelte';
import { Desk } from '$lib/desk/desk.svelte';
import { chooseHost } from '$lib/host/choose';
import { language } from '$lib/i18n';
import { reloadWithoutPieces } from '$lib/pieces';
import { Theme } from '$lib/theme';

import App from './App.svelte';

const target = document.getElementById('app') ?? document.body;
const settings = new Settings(new Theme());
reloadWithoutPieces();
await language.ready();
const host = chooseHost('panel');
if (host === null) {
  mount(NoHost, { target });
} else {
  const desk = new Desk(host);
  void settings.load(desk);
  mount(App, { target, props: { desk, settings } });
  void desk.start();
}
