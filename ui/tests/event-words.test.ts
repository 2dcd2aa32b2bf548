import { describe, expect, it } from 'vitest';

import { customerOf, eventFacts, fieldFacts, fieldValue, gist, match } from '../src/features/events/facts';
import { fieldLabel } from '../src/features/events/field-names';
import { humanise } from '../src/features/events/humanise';
import { kindWords } from '../src/features/events/kind-words';
import { exactTime, isoTime, roughDuration } from '../src/lib/format';
import { platformEvent, popFields, thirdParty } from '../src/lib/host/event-fixtures';
import { busy } from './busy';

const field = (name: string, value = 'x'): { name: string; value: string } => ({ name, value });
const names = (fields: { name: string; value: string }[]): string[] =>
  fieldFacts(fields).map((fact) => fact.name);

describe('the name of a field', () => {
  it('that is none, hostile or endless is words of a bearable length all the same', () => {
    for (const name of ['', '.', '...', '   ']) expect(fieldLabel(name), name).toBe('Without a name');
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(fieldLabel(name), name).toMatch(/^[\p{L} ]+$/u);
    expect(fieldLabel('x'.repeat(100_000)).length).toBeLessThan(130);
    expect(fieldLabel('a.'.repeat(50_000)).length).toBeLessThan(130);
    expect(fieldLabel('<b>x</b>'), 'text stays text').toContain('<b>');
  });

  it('is one of ours where it is known, and otherwise made readable', () => {
    for (const [name, label] of [
      ['phoneNumber', 'Phone number'],
      ['tableName', 'Table'],
      ['callId', 'Call ID'],
      ['orderNumber', 'Order number'],
      ['order_number', 'Order number'],
      ['customerURL', 'Customer URL'],
      ['CPF', 'CPF'],
      ['Nome', 'Nome'],
      ['Nome do cliente', 'Nome do cliente'],
      ['العميل', 'العميل'],
    ])
      expect(fieldLabel(name ?? ''), name).toBe(label);
  });

  it('keeps the way to it, counted as people count', () => {
    expect(fieldLabel('campaignData.Nome')).toBe('Campaign data › Nome');
    expect(fieldLabel('customers.0.campaignData.Saldo')).toBe('Customer 1 › Campaign data › Saldo');
    expect(fieldLabel('conversation.conv.9.text')).toBe('Conversation › Entry 10 › Text');
    expect(fieldLabel('0'), 'a number alone is a name').toBe('0');
  });
});

describe('the value of a field', () => {
  it('says yes and no in words, except where somebody wrote them', () => {
    expect(fieldValue(field('readOnly', 'false'))).toBe('No');
    expect(fieldValue(field('data.ticket.open', 'true'))).toBe('Yes');
    expect(fieldValue(field('message', 'true'))).toBe('true');
    expect(fieldValue(field('conversation.conv.0.text', 'false'))).toBe('false');
  });
  it('is a number or a time as people write it, and anything else as it came', () => {
    expect(fieldValue(field('phoneNumber', '+5511900000000'))).toBe('+55 11 90000 0000');
    expect(fieldValue(field('phoneNumber', '5511900000000')), 'without a plus nobody knows').toBe(
      '5511900000000',
    );
    expect(fieldValue(field('timestamp', '1661794102414'))).toContain('2022');
    expect(fieldValue(field('timestamp', 'soon'))).toBe('soon');
  });
});

describe('the fields of an event', () => {
  it('may be none', () => {
    expect(fieldFacts([])).toEqual([]);
    expect(gist(platformEvent('x', { sort: 'third_party', fields: [] }))).toBe('');
    expect(match(platformEvent('x', { fields: [] }), 'order')).toBe('');
  });

  it('are all there, what says most first and the raw texts last', () => {
    const fields = popFields();
    const facts = fieldFacts(fields);
    expect(facts).toHaveLength(fields.length);
    expect(facts[0], 'what was found in the text').toEqual({
      name: 'Campaign data › Nome',
      value: 'Ana Ferreira',
    });
    expect(facts.at(-1)?.name, 'the text itself').toBe('Campaign data (as sent)');
    expect(facts.at(-1)?.value).toContain('<Nome>');
    expect(facts.at(-2), 'empty ones before it').toEqual({ name: 'Campaign code', value: '' });
  });

  it('of the same name, or with a name of thousands of dots, take no time', () => {
    expect(names([field('note'), field('note')])).toEqual(['Note', 'Note']);
    const many = Array.from({ length: 1001 }, (_, at) => field(`${'deep.'.repeat(20_000)}${at}`));
    const begin = busy();
    expect(names(many)).toHaveLength(1001);
    expect(busy() - begin).toBeLessThan(2000);
  });
});

describe('an event in a few words', () => {
  it('is what was written, else the reason, else the best of a partner system', () => {
    const with_ = (fields: Record<string, string>): string =>
      gist(
        platformEvent('x', {
          sort: 'status',
          fields: Object.entries(fields).map(([name, value]) => field(name, value)),
        }),
      );
    expect(with_({ reason: 'RequestedByAgent', message: 'Call back' })).toBe('Call back');
    expect(with_({ status: '3', reason: ' HeartBeat ' })).toBe('HeartBeat');
    expect(with_({ state: '3' }), 'a number says nothing').toBe('');
    expect(with_({ message: 'x'.repeat(100_000) }).length).toBeLessThan(200);
    expect(gist(thirdParty(1).event)).toBe('Title: Replacement for order 2041-77 · Priority: high');
  });

  it('found by a word shows where the word is', () => {
    const event = platformEvent('x', {
      fields: [field('note', 'a'), field('orderNumber', `${'long '.repeat(40_000)}2041-77 there`)],
    });
    expect(match(event, '2041-77 other')).toMatch(/^Order number: …/);
    expect(match(event, '2041-77').length).toBeLessThan(250);
    expect(match(event, '2041-77')).toContain('2041-77');
    expect(match(event, 'nowhere')).toBe('');
  });

  it('has a customer only where one is known', () => {
    const of = (name: string | null, address: string | null): string | null =>
      customerOf(platformEvent('x', { customer: { name, address } }));
    expect(of(null, null)).toBeNull();
    expect(of(' ', '')).toBeNull();
    expect(of(null, '+551130618100')).toBe('+55 11 3061 8100');
    expect(of('Ana', '+551130618100')).toBe('Ana');
  });
});

describe('the type of an event', () => {
  const kind = (name: string, channel: string | null = 'Voice'): string => kindWords({ kind: name, channel });
  it('that nobody knows is made readable, however it looks', () => {
    expect(kind('')).toBe('Event');
    expect(kind('  ')).toBe('Event');
    expect(kind('constructor')).toBe('Constructor');
    expect(kind('SomethingNewHappened')).toBe('Something new happened');
    expect(kind('x'.repeat(100_000)).length).toBeLessThan(70);
  });
  it('has the same words under all of its names', () => {
    expect(kind('ThirdParty')).toBe(kind('ThirdPartyEvent'));
    expect(kind('SCREENPOPVOICE')).toBe('Screen pop for a call');
    expect(kind('ScreenPop')).toBe('Screen pop for a call');
    expect(kind('ScreenPop', 'Chat')).toBe('Screen pop for a chat');
    expect(kind('TypingText', 'Chat')).toBe('The other side is writing');
  });
});

it('what is known beside the fields leaves out what is not known', () => {
  const empty = platformEvent('x', { campaign: null, channel: null, way: ' ', kind: '' });
  expect(eventFacts(empty, empty.at, '').map((fact) => fact.name)).toEqual(['Event', 'Happened']);
  const late = eventFacts(platformEvent('x', { at: 0 }), 3_600_000, 'Olos');
  expect(late.find((fact) => fact.name === 'Arrived here')?.value, 'the clocks do not agree').toMatch(/\d/);
  const odd = eventFacts(platformEvent('x', { at: 9e18, way: 'Voice' }), 0, 'Olos');
  expect(odd.find((fact) => fact.name === 'Happened')?.value).toBe('not known');
  expect(odd.find((fact) => fact.name === 'Channel')?.value, 'once').toBe('Voice');
});

it('names of programs become words', () => {
  expect(humanise('')).toBe('');
  expect(humanise('___')).toBe('___');
  expect(humanise('RequestedByAgent')).toBe('Requested by agent');
  expect(humanise('IDCliente')).toBe('ID cliente');
  expect(humanise('InConference')).toBe('In conference');
});

it('times that no calendar has are said to be unknown, and spans are rough', () => {
  expect(exactTime(Number.NaN)).toBe('not known');
  expect(isoTime(9e18)).toBeUndefined();
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(roughDuration(-5)).toBe('under a minute');
  expect(roughDuration(59_999)).toBe('under a minute');
  expect(roughDuration(60_000)).toBe('1 min');
  expect(roughDuration(2 * 3_600_000 + 5 * 60_000)).toBe('2 h 5 min');
  expect(roughDuration(51 * 3_600_000)).toBe('2 d 3 h');
});
