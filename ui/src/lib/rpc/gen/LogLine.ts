// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { LogField } from "./LogField";
import type { LogLevel } from "./LogLevel";
import type { UnixMillis } from "./UnixMillis";

/**
 * One entry. Private values are marks with a digest: `[secret 3fa91b02]`.
 */
export type LogLine = {
  /**
   * Tells it from all others.
   */
  id: string,
  /**
   * When.
   */
  time: UnixMillis,
  /**
   * How much it matters.
   */
  level: LogLevel,
  /**
   * Part of the program.
   */
  target: string,
  /**
   * Account it is about.
   */
  account: AccountId | null,
  /**
   * What happened. May have several lines.
   */
  message: string,
  /**
   * Further values.
   */
  fields: Array<LogField>,
  /**
   * Why an error came about, the nearest cause first.
   */
  causes: Array<string>,
};
