import { createContext } from 'svelte';

import type { Desk } from './desk.svelte';
import type { Place } from './place.svelte';

/** The desk that all parts of the page share. */
export const [getDesk, setDesk] = createContext<Desk>();

/** Which part of the panel is shown. */
export const [getPlace, setPlace] = createContext<Place>();
