import SmartAgent from '/trunkline/smartagent.js';

import { shelf } from '../shared/storage.ts';
import { DispositionForm } from './view.ts';

const place = document.querySelector('main');
if (place) void new DispositionForm(new SmartAgent(), place, shelf(), Date.now).start();
