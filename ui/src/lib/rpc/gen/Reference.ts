// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ReferenceKind } from "./ReferenceKind";

/**
 * One reference of a task. Text from outside: hostile, shown as text only.
 */
export type Reference = {
  /**
   * What it is called.
   */
  name: string,
  /**
   * What it points to.
   */
  kind: ReferenceKind,
  /**
   * Where it points to.
   */
  value: string,
};
