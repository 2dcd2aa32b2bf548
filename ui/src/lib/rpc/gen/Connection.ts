// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ConnectionAction } from "./ConnectionAction";
import type { ConnectionId } from "./ConnectionId";
import type { ConnectionKind } from "./ConnectionKind";
import type { ConnectionState } from "./ConnectionState";
import type { Party } from "./Party";
import type { Sight } from "./Sight";
import type { UnixMillis } from "./UnixMillis";

/**
 * One leg of a contact.
 */
export type Connection = {
  /**
   * Provider's id.
   */
  id: ConnectionId,
  /**
   * Role.
   */
  kind: ConnectionKind,
  /**
   * Where it stands.
   */
  state: ConnectionState,
  /**
   * Since when.
   */
  state_since: UnixMillis | null,
  /**
   * Who is there.
   */
  party: Party,
  /**
   * Muted at the platform (not the microphone of this computer).
   */
  muted_by_platform: boolean,
  /**
   * Muted so that only a supervisor can take it back.
   */
  mute_forced: boolean,
  /**
   * What this party can send besides speech. Not shown here: told in words.
   */
  sends: Array<Sight>,
  /**
   * What the agent may do with it.
   */
  allowed: Array<ConnectionAction>,
};
