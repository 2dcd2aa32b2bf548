// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { IssueKind } from "./IssueKind";

/**
 * Reports a problem with a contact to the platform's own people.
 */
export type ReportIssue = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * What it is about.
   */
  kind: IssueKind,
  /**
   * In the agent's words: at most 1000 characters; may be empty, unless the kind is `other`.
   */
  text: string,
};
