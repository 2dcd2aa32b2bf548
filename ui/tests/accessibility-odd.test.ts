import { checkStates } from './accessibility';

checkStates(1);
