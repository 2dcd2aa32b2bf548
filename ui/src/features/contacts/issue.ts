import { m } from '$lib/i18n';
import type { AccountView, Channel, IssueKind } from '$lib/rpc/gen';

/** Characters of a report; the core refuses more. */
export const issueLimit = 1000;

/** The account's platform takes reports of problems, and the agent is signed in there. */
export const canReport = (account: AccountView): boolean =>
  account.capabilities.includes('report_issue') &&
  (account.link.state === 'online' || account.link.state === 'degraded');

/** What a problem may be about, for this kind of contact. */
export function issueKinds(channel: Channel): { kind: IssueKind; words: () => string }[] {
  const all: { kind: IssueKind; words: () => string; fits: boolean }[] = [
    { kind: 'sound', words: m.issue_sound, fits: channel === 'voice' },
    {
      kind: 'connection',
      words: channel === 'voice' ? m.issue_connection_call : m.issue_connection,
      fits: true,
    },
    { kind: 'messages', words: m.issue_messages, fits: channel === 'chat' || channel === 'email' },
    { kind: 'details', words: m.issue_details, fits: true },
    { kind: 'other', words: m.issue_other, fits: true },
  ];
  return all.filter((one) => one.fits);
}
