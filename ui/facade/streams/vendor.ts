/**
 * What the facade touches of the vendor's `connect` object. The vendor's own typings describe the public side for pages;
 * this is the inner side, as `amazon-connect-streams` 2.28.2 has it.
 */

/** Takes an event's data, its name, and the bus. */
export type Handler = (data: unknown, event: string) => void;

/** Ends a subscription. */
export interface Subscription {
  unsubscribe(): void;
}

/** The vendor's event bus. */
export interface EventBus {
  subscribe(event: string, handler: Handler): Subscription;
  subscribeAll(handler: Handler): Subscription;
  trigger(event: string, data?: unknown): void;
  bridge(): Handler;
  unsubscribeAll(): void;
}

/** What a conduit carries in both directions. */
export interface Carried {
  event: string;
  data?: unknown;
}

/** What a conduit speaks through: the facade puts its own in place of the iframe's window. */
export interface Stream {
  send(message: Carried): void;
  onMessage(take: (message: { data: Carried }) => void): void;
}

/** The vendor's pair of buses over a stream. */
export interface Conduit {
  name: string;
  upstreamBus: EventBus;
  onUpstream(event: string, handler: Handler): Subscription;
  onAllUpstream(handler: Handler): Subscription;
  sendUpstream(event: string, data?: unknown): void;
}

/** A line in the vendor's log. */
export interface LogEntry {
  withException(error: unknown): LogEntry;
  withObject(object: unknown): LogEntry;
}

/** The vendor's log. */
export interface Logger {
  info(text: string, ...values: unknown[]): LogEntry;
  warn(text: string, ...values: unknown[]): LogEntry;
  error(text: string, ...values: unknown[]): LogEntry;
  setLogLevel(level: string): void;
  setEchoLevel(level: string): void;
}

/** Any function of the vendor's that is replaced. */
export type Member = (...args: never[]) => unknown;

/** A class of the vendor's whose methods are replaced. */
export interface VendorClass {
  prototype: Record<string, Member>;
}

/** Any connection of a contact, as the replaced methods see themselves. */
export interface ConnectionLike {
  getConnectionId(): string;
  getContactId(): string;
  getMediaInfo(): unknown;
  getMediaType(): string;
  isActive(): boolean;
}

/** `connect.core`, as far as it is replaced or called. */
export interface Core {
  [member: string]: unknown;
  initialized: boolean;
  upstream: Conduit | null;
  eventBus: EventBus | undefined;
  getEventBus(): EventBus | undefined;
  onViewContact(handler: Handler): Subscription;
  terminate(): void;
}

/** The vendor's `connect`, as far as the facade needs it. */
export interface Connect {
  [member: string]: unknown;
  version: string;
  core: Core;
  agent: ((handler: Handler) => Subscription) & { initialized: boolean };
  getLog(): Logger;
  isCRM(): boolean;
  EventBus: new (options?: { logEvents: boolean }) => EventBus;
  Conduit: { call(self: unknown, name: string, upstream: Stream, downstream: null): void };
  IFrameConduit: { prototype: object };
  UpstreamConduitClient: new (conduit: Conduit) => unknown;
  UpstreamConduitMasterClient: new (conduit: Conduit) => unknown;
  WebSocketProvider: new () => unknown;
  Agent: VendorClass;
  Contact: VendorClass;
  BaseConnection: VendorClass;
  VoiceConnection: VendorClass;
  NotificationManager: VendorClass;
  SoftphoneError: new (type: string, message: string, address: string | null) => unknown;
  VoiceIdError(type: string, message: string, cause?: unknown): unknown;
  EventType: Record<string, string>;
  AgentEvents: Record<string, string>;
  ContactEvents: Record<string, string>;
  ConfigurationEvents: Record<string, string>;
  ChannelViewEvents: Record<string, string>;
  WebSocketEvents: Record<string, string>;
  MasterMethods: Record<string, string>;
  MediaType: Record<string, string>;
}

/** The member of an enumeration of the vendor's, which is there in the version that is bundled. */
export function member(enumeration: Record<string, string>, name: string): string {
  const value = enumeration[name];
  if (value === undefined) throw new Error(`amazon-connect-streams has no ${name}`);
  return value;
}
