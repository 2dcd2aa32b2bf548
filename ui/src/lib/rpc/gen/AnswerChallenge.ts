// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";

/**
 * Answers what is asked for while signing in (`AccountView::challenge`).
 */
export type AnswerChallenge = {
  /**
   * Which account.
   */
  account: AccountId,
  /**
   * Code or number; blanks around it do not count.
   */
  text: string,
};
