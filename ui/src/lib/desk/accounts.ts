import { m } from '$lib/i18n';
import type { AccountId, AccountView } from '$lib/rpc/gen';

/** The name of an account; of one that is gone, words that say so. */
export const accountWords = (accounts: readonly AccountView[], id: AccountId): string =>
  accounts.find((one) => one.id === id)?.name ?? m.pops_account_gone();
