// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { Agent } from "./Agent";
import type { Challenge } from "./Challenge";
import type { Link } from "./Link";
import type { PlatformId } from "./PlatformId";
import type { Route } from "./Route";
import type { Serving } from "./Serving";
import type { WorkList } from "./WorkList";

/**
 * One account.
 */
export type AccountView = {
  /**
   * Our id.
   */
  id: AccountId,
  /**
   * Connector.
   */
  platform: PlatformId,
  /**
   * Connector's shown name (a brand).
   */
  platform_name: string,
  /**
   * Name the agent gave the account.
   */
  name: string,
  /**
   * Position in lists.
   */
  order: number,
  /**
   * Connection.
   */
  link: Link,
  /**
   * How calls reach the platform, where there is more than one way. Known
   * once one went through; kept while the link is down.
   */
  route: Route | null,
  /**
   * Which of two instances serves, where there are two.
   */
  serving: Serving | null,
  /**
   * The agent there, once known. Kept while the link is down.
   */
  agent: Agent | null,
  /**
   * What the platform can do, by the connector's capability names.
   */
  capabilities: Array<string>,
  /**
   * A state change asked for and not yet confirmed.
   */
  pending_state: string | null,
  /**
   * A number asked to be called whose contact is not there yet.
   */
  pending_dial: string | null,
  /**
   * What is asked for while signing in.
   */
  challenge: Challenge | null,
  /**
   * Lists to take work from. Kept while the link is down.
   */
  work_lists: Array<WorkList>,
};
