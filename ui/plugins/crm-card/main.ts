import SmartAgent from '/trunkline/smartagent.js';

import { CrmCard } from './view.ts';

const place = document.querySelector('main');
if (place) void new CrmCard(new SmartAgent(), place, (address, options) => fetch(address, options)).start();
