import SmartAgent from '/trunkline/smartagent.js';

import { shelf } from '../shared/storage.ts';
import { CallNotes } from './view.ts';

const place = document.querySelector('main');
if (place) void new CallNotes(new SmartAgent(), place, shelf(), Date.now).start();
