/** Hands files to the core, one after the other. */
import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import { m, textOf } from '$lib/i18n';
import type { ConversationView } from '$lib/rpc/gen';

import { base64Of, fileProblem } from './writing';

interface Told {
  /** The file that is read now, by its name; `null`: none. */
  onreading: (name: string | null) => void;
  /** One was not sent, in words. */
  onproblem: (words: string) => void;
  /** One was handed over. */
  onsent: () => void;
}

export async function sendFiles(
  desk: Desk,
  view: ConversationView,
  files: readonly File[],
  { onreading, onproblem, onsent }: Told,
): Promise<void> {
  for (const file of files) {
    const why = fileProblem(file, view.conversation);
    if (why !== null) {
      onproblem(why);
      continue;
    }
    onreading(file.name);
    try {
      await desk.call('conversation_send_file', {
        contact: view.key,
        name: file.name,
        content_type: file.type,
        base64: await base64Of(file),
      });
      onsent();
    } catch (reason) {
      const lead = m.composer_file_not_sent({ name: file.name });
      onproblem(`${lead} ${textOf('error', toRpcError(reason).message_key)}`);
    } finally {
      onreading(null);
    }
  }
}
