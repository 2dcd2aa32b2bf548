// It is there, and never says so to the panel.
import { serve } from './orders.js';

await serve({ ping: () => 'still here' });
