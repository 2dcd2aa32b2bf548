import { checkStates } from './accessibility';

checkStates(0);
