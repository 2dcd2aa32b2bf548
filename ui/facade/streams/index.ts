/**
 * Amazon Connect Streams for pages that Trunkline holds: the vendor's own library, with the panel in place of the CCP.
 * Built to one plain script that sets the globals `connect` and `lily`, as the vendor's does.
 */
import 'amazon-connect-streams/release/connect-streams.js';

import { adoptPanel } from './facade.ts';
import type { Connect } from './vendor.ts';

const page = globalThis as unknown as Window & { connect: Connect };
adoptPanel(page.connect, { page, panel: page.parent });
