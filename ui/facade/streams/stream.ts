/**
 * What stands where the vendor's conduit has the iframe: it takes what the vendor's code sends up, has the panel do it or
 * answers it itself, and lets the answers and the panel's events come down.
 */
import { member, type Carried, type Connect, type Logger, type Stream } from './vendor.ts';
import type { Session } from './session.ts';
import { isSaid, Refused, type PanelLine } from './wire.ts';

interface Request {
  requestId: string;
  method: string;
  params: Record<string, unknown>;
}

/** Calls for AWS's own statistics: the panel makes its own reports, so there is nothing to be done. */
const STATISTICS = ['sendClientLogs', 'sendSoftphoneCallMetrics', 'sendSoftphoneCallReport'];

/** Speaks for the panel towards the vendor's code. */
export class PanelStream implements Stream {
  /** What the page knows; set before anything is sent. */
  session: Session | undefined;
  private readonly takers: ((message: { data: Carried }) => void)[] = [];

  constructor(
    private readonly connect: Connect,
    private readonly line: () => PanelLine | undefined,
  ) {}

  onMessage(take: (message: { data: Carried }) => void): void {
    this.takers.push(take);
  }

  /** Lets an event come down, now. */
  tell(event: string, data?: unknown): void {
    for (const take of this.takers) take({ data: { event, data } });
  }

  send({ event, data }: Carried): void {
    const { EventType, WebSocketEvents } = this.connect;
    const said = isSaid(data) ? data : {};
    switch (event) {
      case EventType['API_REQUEST']:
        return this.request(said as unknown as Request);
      case EventType['MASTER_REQUEST']:
        return this.master(said as unknown as Request);
      case EventType['BROADCAST']:
        return this.broadcast(String(said['event']), said['data']);
      case EventType['MEDIA_DEVICE_REQUEST']:
        return this.later(member(EventType, 'MEDIA_DEVICE_RESPONSE'), this.session?.deviceList() ?? []);
      case EventType['SYNCHRONIZE']:
        return this.later(member(EventType, 'ACKNOWLEDGE'), { id: 'trunkline' });
      case EventType['TERMINATE']:
        this.log.warn('A page cannot sign the agent out: the accounts belong to the panel.');
        return undefined;
      case WebSocketEvents['SUBSCRIBE']:
        return this.later(member(WebSocketEvents, 'SUBSCRIPTION_FAILURE'), {
          topics: data,
          error: "The panel does not hand the platform's socket on.",
        });
      case WebSocketEvents['SEND']:
        this.log.warn("The panel does not hand the platform's socket on.");
        return undefined;
      default:
        // Configuration of the iframe, signs of life, tab ids: there is no iframe to be told.
        return undefined;
    }
  }

  private get log(): Logger {
    return this.connect.getLog();
  }

  private later(event: string, data: unknown): void {
    // As with a window in between: whoever asked has returned before the answer comes.
    queueMicrotask(() => this.tell(event, data));
  }

  private request(request: Request): void {
    const own = this.ownAnswer(request);
    if (own) return this.respond(request, own.data);
    const line = this.line();
    if (!line) return this.refuse(request, new Refused('TerminatedException', 'There is no panel.'));
    line.ask('call', { method: request.method, params: request.params }).then(
      (result) => this.respond(request, result ?? {}),
      (error: unknown) =>
        this.refuse(
          request,
          error instanceof Refused ? error : new Refused('InternalServiceError', String(error)),
        ),
    );
  }

  /** What the page knows already, or what nobody waits for. */
  private ownAnswer({ method }: Request): { data: unknown } | undefined {
    if (STATISTICS.includes(method)) return { data: {} };
    const { snapshot, configuration } = this.session?.agent ?? {};
    const profile = isSaid(configuration?.['routingProfile']) ? configuration['routingProfile'] : {};
    switch (method) {
      case 'getAgentSnapshot':
        return snapshot && { data: { snapshot, nextToken: 'trunkline' } };
      case 'getAgentConfiguration':
        return configuration && { data: { configuration } };
      case 'getAgentStates':
        return configuration && { data: { states: configuration['agentStates'] ?? [] } };
      case 'getAgentPermissions':
        return configuration && { data: { permissions: configuration['permissions'] ?? [] } };
      case 'getDialableCountryCodes':
        return configuration && { data: { countryCodes: configuration['dialableCountries'] ?? [] } };
      case 'getRoutingProfileQueues':
        return configuration && { data: { queues: profile['queues'] ?? [] } };
      default:
        return undefined;
    }
  }

  private respond(request: Request, data: unknown, error: string | null = null): void {
    const event = member(this.connect.EventType, 'API_RESPONSE');
    this.later(event, { event, requestId: request.requestId, data, err: error });
  }

  private refuse(request: Request, { type, message }: Refused): void {
    this.log.warn("'%s' was refused: %s", request.method, type);
    // The vendor's worker hands the failure on as text, too.
    this.respond(request, null, JSON.stringify({ type, message, stack: [], retryStatus: 'none' }));
  }

  /** A page is the only window of its session, so it is the one for every topic. */
  private master(request: Request): void {
    const event = member(this.connect.EventType, 'MASTER_RESPONSE');
    const answer = { masterId: 'trunkline', isMaster: true, takeOver: false, topic: request.params['topic'] };
    this.later(event, { event, requestId: request.requestId, data: answer, err: null });
  }

  private broadcast(event: string, data: unknown): void {
    const said = isSaid(data) ? data : {};
    const { EventType, ConfigurationEvents, ContactEvents, ChannelViewEvents } = this.connect;
    const statistics = [
      'CLIENT_METRIC',
      'CLICK_STREAM_DATA',
      'SOFTPHONE_STATS',
      'SOFTPHONE_REPORT',
      'API_METRIC',
    ];
    const logs = ['LOG', 'SERVER_BOUND_INTERNAL_LOG', 'CLIENT_SIDE_LOGS'];
    // For AWS's statistics and support: they stay where they are.
    if ([...statistics, ...logs].some((name) => EventType[name] === event)) return;
    if (event.startsWith(member(ContactEvents, 'ACCEPTED'))) {
      queueMicrotask(() => this.session?.accept(String(said['contactId'])));
      return;
    }
    this.later(event, data);
    if (event === EventType['MUTE']) this.ask('mute', { mute: said['mute'] === true });
    else if (event === ContactEvents['VIEW']) this.ask('viewContact', { contactId: said['contactId'] });
    else if (event === ChannelViewEvents['ACTIVATE_CHANNEL_WITH_VIEW_TYPE']) {
      this.ask('activateChannelWithViewType', { viewType: said['viewType'], mediaType: said['mediaType'] });
    } else {
      for (const role of ['speaker', 'microphone', 'ringer']) {
        if (event !== ConfigurationEvents[`SET_${role.toUpperCase()}_DEVICE`]) continue;
        this.ask('setDevice', { role, deviceId: said['deviceId'] });
      }
    }
  }

  /** For members of the vendor's that have no callbacks: what goes wrong is in the log. */
  private ask(method: string, params: Record<string, unknown>): void {
    this.line()
      ?.ask('call', { method, params })
      .catch((error: unknown) => {
        this.log.warn("'%s' was refused.", method).withException(error);
      });
  }
}
