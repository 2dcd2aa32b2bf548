/**
 * `connect.core.initCCP` and its kin: instead of loading the CCP into an iframe the page adopts the panel that runs already.
 * The vendor's bus, client, data provider and events stay; only what they speak through is ours.
 */
import { PanelStream } from './stream.ts';
import { Session } from './session.ts';
import {
  member,
  type Conduit,
  type Connect,
  type ConnectionLike,
  type Handler,
  type Stream,
} from './vendor.ts';
import { isSaid, PanelLine, Refused, type Ends } from './wire.ts';

/** How long the panel has for its first answer, where the page says nothing (the vendor's `ccpLoadTimeout`). */
export const LOAD_TIMEOUT_MS = 5_000;
/** How often the panel is asked before the page is told that there is none (the vendor's limit). */
export const LOAD_ATTEMPTS = 10;

/** Options of `initCCP` that mean something here; the others are about iframes, pop-ups and sounds. */
interface Options {
  ccpLoadTimeout?: number;
  onViewContact?: Handler;
  logConfig?: { logLevel?: string; echoLevel?: string };
  [option: string]: unknown;
}

/** The page's adoption of the panel. */
export class Adoption {
  /** There between `initCCP` and `terminate`. */
  line: PanelLine | undefined;
  /** Likewise. */
  session: Session | undefined;
  private readonly endVendor: () => void;

  constructor(
    private readonly connect: Connect,
    private readonly ends: Ends,
  ) {
    const { core } = connect;
    this.endVendor = core.terminate.bind(core);
    core['initCCP'] = (container: unknown, options: unknown) => this.begin(container, options);
    core.terminate = () => this.end();
    const apps = connect['agentApp'];
    if (isSaid(apps)) apps['initCCP'] = core['initCCP'];
  }

  private begin(container: unknown, given: unknown): void {
    const { connect } = this;
    const { core } = connect;
    if (core.initialized || this.line) {
      connect.getLog().warn('Connect core already initialized, only needs to be initialized once.');
      return;
    }
    const options: Options = isSaid(given) ? { ...given } : {};
    connect['initCCPParams'] = isSaid(given) ? given : { ccpUrl: given };
    connect['containerDiv'] = container;
    // Nothing is put into the page's container: the panel has the calls. A style sheet may fold it away.
    (container as Element | null | undefined)?.setAttribute?.('data-trunkline', 'adopted');
    this.listen();
    core['softphoneParams'] = options['softphone'];
    if (typeof options.onViewContact === 'function') core.onViewContact(options.onViewContact);
    this.logging(options.logConfig);
    if (options['enableGlobalResiliency'] === true || options['disasterRecoveryOn'] === true) {
      connect
        .getLog()
        .warn('The panel itself changes over between instances: the option does nothing in a page.');
    }
    if (options['provider'] || options['plugins']) {
      connect.getLog().warn('Providers of the AmazonConnectSDK cannot join: their services are not public.');
    }
    void this.ask(options.ccpLoadTimeout ?? LOAD_TIMEOUT_MS);
  }

  /** Puts the panel where the vendor has the iframe. */
  private listen(): void {
    const { connect } = this;
    const { core } = connect;
    const stream = new PanelStream(connect, () => this.line);
    const session = new Session(connect, (event, data) => stream.tell(event, data));
    stream.session = session;
    this.session = session;
    this.line = new PanelLine(this.ends, (event, data) => {
      // What comes before the first answer is in that answer.
      if (core.initialized) session.take(event, data);
    });
    const conduit = conduitOver(connect, stream);
    const bus = new connect.EventBus({ logEvents: false });
    core.upstream = conduit;
    core.eventBus = bus;
    const Provider = core['AgentDataProvider'] as new (bus: unknown) => unknown;
    core['agentDataProvider'] = new Provider(bus);
    core['mediaFactory'] = mediaFactory(connect);
    core['webSocketProvider'] = new connect.WebSocketProvider();
    conduit.onAllUpstream(bus.bridge());
  }

  private async ask(timeout: number): Promise<void> {
    const { connect } = this;
    const line = this.line;
    const tell = (name: string, data?: unknown) =>
      connect.core.getEventBus()?.trigger(member(connect.EventType, name), data);
    for (let attempt = 1; line && attempt <= LOAD_ATTEMPTS; attempt += 1) {
      try {
        const result = await line.ask('init', { version: connect.version }, timeout);
        if (this.line === line) this.ready(result);
        return;
      } catch (error) {
        if (this.line !== line) return;
        const refused = error instanceof Refused ? error : new Refused('InternalServiceError', String(error));
        connect.getLog().warn('The panel did not let the page in: %s', refused.type).withException(refused);
        if (refused.type === 'AccessDeniedException')
          return tell('ACCESS_DENIED', { message: refused.message });
        if (refused.type !== 'TimeoutError') return tell('AUTH_FAIL', { message: refused.message });
        tell('ACK_TIMEOUT');
      }
    }
    if (this.line === line) tell('IFRAME_RETRIES_EXHAUSTED');
  }

  private ready(result: unknown): void {
    const { connect, session } = this;
    const { core } = connect;
    const conduit = core.upstream;
    if (!session || !conduit) return;
    core['client'] = new connect.UpstreamConduitClient(conduit);
    core['masterClient'] = new connect.UpstreamConduitMasterClient(conduit);
    core['portStreamId'] = 'trunkline';
    session.begin(result);
    core.initialized = true;
    conduit.upstreamBus.trigger(member(connect.EventType, 'ACKNOWLEDGE'), { id: 'trunkline' });
    core.getEventBus()?.trigger(member(connect.EventType, 'INIT'));
    session.publish();
  }

  private end(): void {
    this.line?.close();
    this.line = undefined;
    this.session = undefined;
    this.connect.core.upstream?.upstreamBus.unsubscribeAll();
    this.endVendor();
  }

  private logging(config: Options['logConfig']): void {
    const log = this.connect.getLog();
    if (config?.logLevel) log.setLogLevel(config.logLevel);
    if (config?.echoLevel) log.setEchoLevel(config.echoLevel);
  }
}

/** A conduit that counts as the vendor's to an iframe: `connect.isCRM()` asks for its class. */
function conduitOver(connect: Connect, stream: Stream): Conduit {
  const conduit = Object.create(connect.IFrameConduit.prototype) as Conduit;
  connect.Conduit.call(conduit, 'trunkline', stream, null);
  return conduit;
}

/** The media of a connection, as far as a page gets it: calls are told about, nothing is carried. */
function mediaFactory(connect: Connect): { get(leg: ConnectionLike): Promise<unknown>; destroy(): void } {
  return {
    get: (leg) => {
      if (!leg.isActive()) {
        return Promise.reject(new Error('Media Controller is no longer available for this connection'));
      }
      if (leg.getMediaType() === connect.MediaType['SOFTPHONE']) {
        const info = leg.getMediaInfo();
        return info
          ? Promise.resolve(info)
          : Promise.reject(new Error('This connection has no media of this computer.'));
      }
      return Promise.reject(
        new Error('Conversations are held in the panel: their tokens do not go to pages.'),
      );
    },
    destroy: () => undefined,
  };
}
