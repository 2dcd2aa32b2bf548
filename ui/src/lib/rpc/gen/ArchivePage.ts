// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ArchivedContact } from "./ArchivedContact";

/**
 * A page of them, newest first.
 */
export type ArchivePage = {
  /**
   * Contacts.
   */
  items: Array<ArchivedContact>,
  /**
   * How many there are in all, where the platform tells.
   */
  total: number | null,
  /**
   * Number of the next page; absent: this is the last.
   */
  next: number | null,
};
