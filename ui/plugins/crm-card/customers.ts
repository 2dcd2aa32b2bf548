/** The customer file: what a record has in it, and who is meant by what a contact tells. */
import type { Contact } from '../shared/agent.ts';
import { foldName, numberIn, sameNumber } from '../shared/number.ts';

/** Something that is not settled yet. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly opened?: Date;
}

/** One customer. All texts are from outside. */
export interface Customer {
  readonly id?: string;
  readonly name: string;
  readonly company?: string;
  readonly numbers: readonly string[];
  readonly email?: string;
  readonly tier?: string;
  readonly since?: Date;
  readonly cases: readonly Case[];
  readonly notes: readonly string[];
}

/** What is known of somebody before they are looked up. */
export interface Seeker {
  readonly id?: string;
  readonly number?: string;
  readonly name?: string;
  readonly email?: string;
}

/** More than that nobody reads. */
const MOST_RECORDS = 1000;
const MOST_ITEMS = 20;

const maybe = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> => (value === undefined ? {} : ({ [name]: value } as Record<Name, Value>));

/** What the contact tells of its customer. */
export function seekerOf(contact: Contact): Seeker {
  const { ID, phoneNumber, name, email } = contact.customer;
  const number = numberIn(phoneNumber);
  return {
    ...(ID ? { id: ID } : {}),
    ...maybe('number', number),
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
  };
}

/** There is nothing to look for. */
export const isNobody = (seeker: Seeker): boolean => Object.keys(seeker).length === 0;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => {
  const written = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return written === '' ? undefined : written;
};

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.slice(0, MOST_ITEMS) : value === undefined || value === null ? [] : [value];

const texts = (value: unknown): string[] => listOf(value).flatMap((one) => text(one) ?? []);

const date = (value: unknown): Date | undefined => {
  const at = new Date(text(value) ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
};

function readCase(value: unknown): Case[] {
  if (!isRecord(value)) return [];
  const [id, title] = [text(value['id']), text(value['title'])];
  if (title === undefined) return [];
  return [{ id: id ?? '', title, ...maybe('opened', date(value['opened'])) }];
}

function readCustomer(value: unknown): Customer[] {
  if (!isRecord(value)) return [];
  const numbers = [...texts(value['number']), ...texts(value['numbers'])];
  const email = text(value['email']);
  const name = text(value['name']) ?? email ?? numbers[0];
  if (name === undefined) return [];
  return [
    {
      name,
      numbers,
      ...maybe('id', text(value['id'])),
      ...maybe('company', text(value['company'])),
      ...maybe('email', email),
      ...maybe('tier', text(value['tier'])),
      ...maybe('since', date(value['since'])),
      cases: listOf(value['cases']).flatMap(readCase),
      notes: texts(value['notes']),
    },
  ];
}

/** Records of a file or an answer: one object or a list. Undefined: it is neither. */
export function readCustomers(value: unknown): Customer[] | undefined {
  if (value === null) return [];
  if (Array.isArray(value)) return value.slice(0, MOST_RECORDS).flatMap(readCustomer);
  return isRecord(value) ? readCustomer(value) : undefined;
}

/** Those of several that have the name, where the name tells them apart. */
export function narrow(found: readonly Customer[], seeker: Seeker): readonly Customer[] {
  if (found.length < 2 || seeker.name === undefined) return found;
  const name = foldName(seeker.name);
  const named = found.filter((customer) => foldName(customer.name) === name);
  return named.length > 0 ? named : found;
}

/** Who is meant: by id, else by number, else by address, else by name. A line can be shared by several. */
export function find(customers: readonly Customer[], seeker: Seeker): readonly Customer[] {
  const { id, number, name, email } = seeker;
  const ways: readonly ((customer: Customer) => boolean)[] = [
    (customer) => id !== undefined && customer.id === id,
    (customer) => number !== undefined && customer.numbers.some((known) => sameNumber(known, number)),
    (customer) => email !== undefined && customer.email?.toLowerCase() === email.toLowerCase(),
    (customer) => name !== undefined && foldName(customer.name) === foldName(name),
  ];
  for (const way of ways) {
    const found = customers.filter(way);
    if (found.length > 0) return narrow(found, seeker);
  }
  return [];
}
