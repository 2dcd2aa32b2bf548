// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EndpointId } from "./EndpointId";
import type { EndpointKind } from "./EndpointKind";

/**
 * One entry of the directory ("quick connect" on Amazon Connect). Text from
 * outside: shown as text only.
 */
export type Endpoint = {
  /**
   * Provider's id (an ARN on Amazon Connect).
   */
  id: EndpointId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * What is behind it.
   */
  kind: EndpointKind,
  /**
   * Number, for a telephone number.
   */
  number: string | null,
};
