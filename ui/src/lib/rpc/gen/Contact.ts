// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Adviser } from "./Adviser";
import type { Attribute } from "./Attribute";
import type { Channel } from "./Channel";
import type { Connection } from "./Connection";
import type { ContactAction } from "./ContactAction";
import type { ContactDetails } from "./ContactDetails";
import type { ContactId } from "./ContactId";
import type { ContactState } from "./ContactState";
import type { Direction } from "./Direction";
import type { EmailHead } from "./EmailHead";
import type { Handover } from "./Handover";
import type { Monitoring } from "./Monitoring";
import type { Outcome } from "./Outcome";
import type { Party } from "./Party";
import type { Queue } from "./Queue";
import type { Reference } from "./Reference";
import type { UnixMillis } from "./UnixMillis";

/**
 * One contact, whole.
 */
export type Contact = {
  /**
   * Provider's id.
   */
  id: ContactId,
  /**
   * Medium.
   */
  channel: Channel,
  /**
   * Who started it.
   */
  direction: Direction,
  /**
   * Where it stands.
   */
  state: ContactState,
  /**
   * Since when.
   */
  state_since: UnixMillis,
  /**
   * Set once the contact is finished.
   */
  outcome: Outcome | null,
  /**
   * Queue it came through.
   */
  queue: Queue | null,
  /**
   * Waiting since.
   */
  queued_since: UnixMillis | null,
  /**
   * Offer runs out at this time, where the platform says or we know.
   */
  offer_expires: UnixMillis | null,
  /**
   * The customer.
   */
  customer: Party,
  /**
   * Title of a task or e-mail.
   */
  subject: string | null,
  /**
   * Text of a task. Text from outside.
   */
  description: string | null,
  /**
   * References of a task, sorted by name.
   */
  references: Array<Reference>,
  /**
   * A task that was to begin at this time.
   */
  scheduled_for: UnixMillis | null,
  /**
   * Template that a task was made from, as the platform names it.
   */
  template: string | null,
  /**
   * Addresses of an e-mail.
   */
  email: EmailHead | null,
  /**
   * Set while this agent supervises the contact of somebody else.
   */
  monitoring: Monitoring | null,
  /**
   * A supervisor takes part in this agent's contact.
   */
  supervised: boolean,
  /**
   * Attributes of the flow, sorted by name.
   */
  attributes: Array<Attribute>,
  /**
   * Legs, in the provider's order.
   */
  connections: Array<Connection>,
  /**
   * The customer is on hold.
   */
  on_hold: boolean,
  /**
   * Speech of this contact runs through this program.
   */
  softphone: boolean,
  /**
   * The platform accepts it by itself.
   */
  auto_accept: boolean,
  /**
   * What the agent may do now.
   */
  allowed: Array<ContactAction>,
  /**
   * After-contact work is ended by the platform at this time.
   */
  wrap_up_ends: UnixMillis | null,
  /**
   * Whoever handed it over said this, and who that was. Text from outside.
   */
  handover: Handover | null,
  /**
   * Whose advice this agent has asked for, while they are there.
   */
  advisers: Array<Adviser>,
  /**
   * Everything else that the platform tells.
   */
  details: ContactDetails,
};
