// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";
import type { NoticeAction } from "./NoticeAction";
import type { NoticeLevel } from "./NoticeLevel";
import type { UnixMillis } from "./UnixMillis";

/**
 * One message. `id` names the cause: a newer notice with the same id replaces
 * the older, and the cause's end withdraws it, so messages never pile up.
 */
export type Notice = {
  /**
   * The cause, for example `media-failed:CONTACT`.
   */
  id: string,
  /**
   * How much it matters.
   */
  level: NoticeLevel,
  /**
   * Key in the UI's message catalogue (`notice_...`).
   */
  message_key: string,
  /**
   * Values for the message's place-holders. Text from outside: shown as text.
   */
  params: { [key in string]: string },
  /**
   * Account it belongs to.
   */
  account: AccountId | null,
  /**
   * Contact it belongs to.
   */
  contact: ContactId | null,
  /**
   * Button.
   */
  action: NoticeAction | null,
  /**
   * When.
   */
  at: UnixMillis,
};
