/**
 * Makes the agent's data, as the vendor's worker publishes them, from what the panel says: times become dates, what is null
 * becomes absent, old names are added, and contacts go oldest first.
 */
import { isSaid } from './wire.ts';

/** JSON of the panel's, and what becomes of it. */
export type Data = Record<string, unknown>;

/** What the vendor's `AgentDataProvider` takes. */
export interface AgentData {
  snapshot: Data;
  configuration: Data;
}

/** Members that hold seconds since 1970, wherever they stand. */
const TIMES = new Set([
  'startTimestamp',
  'timestamp',
  'timeStamp',
  'queueTimestamp',
  'snapshotTimestamp',
  'joinTimeStamp',
]);

/** Members with the keys of others in them: a contact attribute may be called `timestamp`. */
const FOREIGN = new Set([
  'attributes',
  'references',
  'segmentAttributes',
  'agentPreferences',
  'contactMetadata',
]);

function revive(value: unknown, own = true): unknown {
  if (Array.isArray(value)) return value.map((item) => revive(item, own));
  if (!isSaid(value)) return value;
  const revived: Data = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue;
    revived[key] =
      own && TIMES.has(key) && typeof item === 'number'
        ? new Date(item * 1000)
        : revive(item, own && !FOREIGN.has(key));
  }
  return revived;
}

const data = (value: unknown): Data => (isSaid(value) ? value : {});
const list = (value: unknown): Data[] => (Array.isArray(value) ? value.filter(isSaid) : []);

function since(value: unknown): number {
  const time = data(data(value)['state'])['timestamp'];
  return time instanceof Date ? time.getTime() : 0;
}

function named(queue: unknown): void {
  if (isSaid(queue)) queue['queueId'] = queue['queueARN'];
}

/** The snapshot as the vendor's worker would publish it; `now` is this computer's clock in milliseconds. */
export function snapshotOf(said: Data, now: number): Data {
  const snapshot = data(revive(said));
  const at = snapshot['snapshotTimestamp'];
  snapshot['localTimestamp'] = now;
  snapshot['skew'] = at instanceof Date ? at.getTime() - now : 0;
  const contacts = list(snapshot['contacts']).sort((one, other) => since(one) - since(other));
  for (const contact of contacts) {
    contact['status'] = contact['state'];
    contact['connections'] = list(contact['connections']);
    for (const connection of list(contact['connections'])) connection['address'] = connection['endpoint'];
    named(contact['queue']);
  }
  snapshot['contacts'] = contacts;
  return snapshot;
}

/** The configuration likewise. */
export function configurationOf(said: Data): Data {
  const configuration = data(revive(said));
  const profile = data(configuration['routingProfile']);
  profile['routingProfileId'] = profile['routingProfileARN'];
  profile['queues'] = list(profile['queues']);
  for (const queue of list(profile['queues'])) named(queue);
  named(profile['defaultOutboundQueue']);
  configuration['routingProfile'] = profile;
  return configuration;
}

/** A connection with the contact it belongs to. */
export interface Leg {
  contactId: string;
  connectionId: string;
  state: string;
}

/** All connections of a snapshot, by their id. */
export function legsOf(snapshot: Data | undefined): Map<string, Leg> {
  const legs = new Map<string, Leg>();
  for (const contact of list(snapshot?.['contacts'])) {
    for (const connection of list(contact['connections'])) {
      const connectionId = String(connection['connectionId']);
      legs.set(connectionId, {
        contactId: String(contact['contactId']),
        connectionId,
        state: String(data(connection['state'])['type']),
      });
    }
  }
  return legs;
}

/** Ids of a snapshot's contacts. */
export function contactIdsOf(snapshot: Data | undefined): Set<string> {
  return new Set(list(snapshot?.['contacts']).map((contact) => String(contact['contactId'])));
}
