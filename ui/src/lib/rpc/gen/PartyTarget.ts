// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EndpointId } from "./EndpointId";

/**
 * Whom a further call goes to.
 */
export type PartyTarget = { "kind": "endpoint",
/**
 * Its id.
 */
id: EndpointId, } | { "kind": "number",
/**
 * Likewise.
 */
number: string, };
