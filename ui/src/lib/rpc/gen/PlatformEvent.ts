// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attribute } from "./Attribute";
import type { EventSort } from "./EventSort";
import type { Party } from "./Party";
import type { PlatformEventId } from "./PlatformEventId";
import type { UnixMillis } from "./UnixMillis";

/**
 * One event, whole. It happened once: the same id again is the same event.
 */
export type PlatformEvent = {
  /**
   * The platform's id; ours where it gave none.
   */
  id: PlatformEventId,
  /**
   * The platform's own type, verbatim (`ScreenPopVoice`).
   */
  kind: string,
  /**
   * What it is about.
   */
  sort: EventSort,
  /**
   * When, by the platform's clock; by ours where it did not say.
   */
  at: UnixMillis,
  /**
   * Whom it is about, where its fields tell that; they have it as well.
   */
  customer: Party,
  /**
   * Campaign or queue as the platform names it.
   */
  campaign: string | null,
  /**
   * Medium as the platform names it (`Voice`).
   */
  channel: string | null,
  /**
   * Way within the medium as the platform names it (`Outbound`).
   */
  way: string | null,
  /**
   * Everything it carries, in the platform's order; members of members with
   * dots between their names (`conversation.0.text`).
   */
  fields: Array<Attribute>,
};
