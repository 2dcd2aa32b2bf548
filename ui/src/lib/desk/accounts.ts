import { m } from '$lib/i18n';
import type { AccountId, AccountView, DeskSnapshot } from '$lib/rpc/gen';

/** The name of an account; of one that is gone, words that say so. */
export const accountWords = (accounts: readonly AccountView[], id: AccountId): string =>
  accounts.find((one) => one.id === id)?.name ?? m.pops_account_gone();

/** Whether the platform of an account can do what goes by this name. */
export const accountCan = (desk: DeskSnapshot | null, id: AccountId, capability: string): boolean =>
  desk?.accounts.find((one) => one.id === id)?.capabilities.includes(capability) ?? false;

/** The platform keeps contacts that are over, to be looked through. */
export const hasArchive = (account: AccountView): boolean => account.capabilities.includes('archive');
