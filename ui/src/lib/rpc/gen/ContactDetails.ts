// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attribute } from "./Attribute";
import type { ContactId } from "./ContactId";
import type { CustomerAuthentication } from "./CustomerAuthentication";
import type { Features } from "./Features";
import type { Initiation } from "./Initiation";
import type { Party } from "./Party";
import type { Subtype } from "./Subtype";

/**
 * Everything else of a contact. Text in it is from outside.
 */
export type ContactDetails = {
  /**
   * The first contact of the chain that this one continues.
   */
  initial: ContactId | null,
  /**
   * Another contact that this one is about.
   */
  related: ContactId | null,
  /**
   * What groups contacts of one matter (the e-mails of a thread).
   */
  association: string | null,
  /**
   * How it came to be.
   */
  initiation: Initiation | null,
  /**
   * Its kind within the channel.
   */
  subtype: Subtype | null,
  /**
   * Our address that the customer reached.
   */
  reached: Party | null,
  /**
   * What is allowed in it.
   */
  features: Features,
  /**
   * Attributes set by the platform, sorted by name; those told elsewhere left out.
   */
  segment: Array<Attribute>,
  /**
   * Further members of the platform's, sorted by name.
   */
  metadata: Array<Attribute>,
  /**
   * Whether the customer has signed in.
   */
  authentication: CustomerAuthentication | null,
  /**
   * The customer has the chat open; absent: the platform does not say.
   */
  customer_online: boolean | null,
  /**
   * The customer may not write to the company any more.
   */
  customer_banned: boolean,
  /**
   * A call that was begun with video. The picture itself is not shown here.
   */
  video: boolean,
};
