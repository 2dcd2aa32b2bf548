import { m } from '$lib/i18n';
import type { WorkList } from '$lib/rpc/gen';

/** What a list is called: by the platform, or by us where the platform has no word for it. */
export function listName(list: WorkList): string {
  return list.fixed ? m.work_list_help() : list.name.trim() || m.roster_unnamed();
}
