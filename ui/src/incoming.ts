import '$lib/ui/base.css';

import { mount } from 'svelte';

import Incoming from '$features/incoming/Incoming.svelte';
import NoHost from '$features/login/NoHost.svelte';
import { Settings } from '$features/settings/settings.svelte';
import { Desk } from '$lib/desk/desk.svelte';
import { chooseHost } from '$lib/host/choose';
import { language } from '$lib/i18n';
import { reloadWithoutPieces } from '$lib/pieces';
import { Theme } from '$lib/theme';

const target = document.getElementById('app') ?? document.body;
const settings = new Settings(new Theme());
reloadWithoutPieces();
await language.ready();
const host = chooseHost('incoming');
if (host === null) {
  mount(NoHost, { target });
} else {
  const desk = new Desk(host);
  void settings.load(desk);
  // The theme may have been changed in the panel since the last offer.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void settings.load(desk);
  });
  mount(Incoming, { target, props: { desk } });
  void desk.start();
}
