/**
 * A page for agents, as one would write it for the CCP. It is checked against the typings, and is the example of the guide:
 * it shows who calls, lets the agent accept, and says what went wrong.
 */

/** Shows a line to the agent. */
type Show = (line: string) => void;

/** Why a call was refused, out of what a failure callback gets. */
export function reason(error: string): string {
  try {
    const { type, message } = JSON.parse(error) as connect.PanelRefusal;
    return `${type}: ${message}`;
  } catch {
    return error;
  }
}

/** Starts the page. */
export function start(container: HTMLElement, show: Show): void {
  connect.core.initCCP(container);
  connect.core.onAccessDenied(() => show('The agent has not allowed this page to see contacts.'));
  connect.agent((agent) => {
    show(`${agent.getName()}: ${agent.getState().name}`);
    agent.onStateChange(({ newState }) => show(newState));
    agent.onEnqueuedNextState(() => show('another state comes next'));
    agent.onMuteToggle(({ muted }) => show(muted ? 'muted' : 'heard'));
  });
  connect.contact((contact) => watch(contact, show));
}

function watch(contact: connect.Contact, show: Show): void {
  contact.onConnecting((ringing) => {
    const number = ringing.getInitialConnection().getEndpoint().stripPhoneNumber();
    const tier = ringing.getAttributes()['tier']?.value ?? 'no tier';
    show(`${number} (${tier}) in ${ringing.getQueue().name}`);
  });
  contact.onConnected(() => show('connected'));
  contact.onRefresh((now) => {
    const customer = now.getInitialConnection();
    if (customer?.isOnHold()) show('the customer waits');
  });
  contact.onACW(() => show('wrap-up'));
  contact.onDestroy(() => show('over'));
}

/** Accepts a contact; the agent is asked before, unless the plugin is trusted. */
export function accept(contact: connect.Contact, show: Show): void {
  contact.accept({ success: () => show('accepted'), failure: (error) => show(reason(String(error))) });
}

/** Takes a break when the work at hand is done. */
export function breakNext(agent: connect.Agent, show: Show): void {
  const lunch = agent.getAgentStates().find((state) => state.type === connect.AgentStateType.NOT_ROUTABLE);
  if (!lunch) return show('there is no such state');
  agent.setState(
    lunch,
    { success: () => show('asked for'), failure: (error) => show(reason(String(error))) },
    { enqueueNextState: true },
  );
}

/** The computer's devices. */
export async function devices(): Promise<string[]> {
  return (await connect.core.getFrameMediaDevices(1000)).map((device) => device.label);
}
