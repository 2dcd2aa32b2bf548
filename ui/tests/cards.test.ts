import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  cardsOf,
  degrees,
  faultsOfPeople,
  faultsOfPlace,
  newPerson,
  newPlace,
  readPlace,
} from '../src/features/chat/cards';
import { rpcError } from '../src/lib/host/host';
import { act } from '../src/lib/host/states';
import { settle, show } from './render';

const key = { account: 'account-1', contact: 'cx-1' };
const type = (id: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByTestId(id), { target: { value } });
const gone = (id: string): Promise<void> => waitFor(() => expect(screen.queryByTestId(id)).toBeNull());
beforeEach(() => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

describe('degrees', () => {
  it.each([
    ['52.52', 90, '52.52'],
    [' 52,5200° ', 90, '52.5200'],
    ['-90', 90, '-90'],
    ['90.1', 90, null],
    ['1e1', 90, null],
    ['north', 90, null],
    ['', 90, null],
    ['180.5', 180, null],
  ])('%j of at most %d', (typed, most, read) => {
    expect(degrees(typed, most)).toBe(read);
  });

  it.each([
    ['52.52, 13.405', '52.52', '13.405'],
    ['52.52,13.405', '52.52', '13.405'],
    ['-33.9 151.2', '-33.9', '151.2'],
    ['52,52; 13,405', '52.52', '13.405'],
    ['https://www.google.com/maps/@52.52,13.405,15z', '52.52', '13.405'],
    ['https://maps.google.com/?q=52.52,13.405&z=4', '52.52', '13.405'],
    ['https://maps.apple.com/?ll=52.52%2C13.405', '52.52', '13.405'],
    ['https://www.openstreetmap.org/?mlat=52.52&mlon=13.405#map=5/1/2', '52.52', '13.405'],
    ['https://www.openstreetmap.org/#map=16/52.52/13.405', '52.52', '13.405'],
    ['geo:52.52,13.405?z=3', '52.52', '13.405'],
  ])('are taken out of %s', (pasted, latitude, longitude) => {
    expect(readPlace(pasted)).toEqual({ latitude, longitude });
  });

  it.each([
    '52,52',
    '52.52',
    '13.405, 252.5',
    'hello',
    'https://a.example/?q=Berlin',
    'https://%',
    '+49 30 123456',
  ])('are not in %s', (pasted) => {
    expect(readPlace(pasted)).toBeNull();
  });
});

describe('a place', () => {
  it('is sent with both degrees out of what was pasted into the first field', async () => {
    const { host } = await show('send-place');
    await type('place-latitude', '');
    await fireEvent.paste(screen.getByTestId('place-latitude'), {
      clipboardData: { getData: () => 'https://www.google.com/maps/place/X/@48.1,11.5,15z' },
    });
    await settle();
    expect(screen.getByTestId('place-longitude')).toHaveValue('11.5');
    await fireEvent.click(screen.getByTestId('place-send'));
    await gone('send-place');
    expect(host.asked('conversation_send_place')).toEqual([
      {
        contact: key,
        place: { latitude: '48.1', longitude: '11.5', name: 'Fabrikam shop', address: null },
      },
    ]);
  });

  it('says at its fields what is wrong, and sends nothing', async () => {
    const { host } = await show('send-place-faults');
    await settle();
    expect(screen.getByTestId('place-latitude')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.getByTestId('place-latitude')).toHaveFocus();
    expect(screen.getByTestId('place-longitude')).not.toHaveAttribute('aria-invalid');
    expect(host.asked('conversation_send_place')).toEqual([]);
    await type('place-latitude', '52');
    await settle();
    expect(screen.getByTestId('place-latitude')).not.toHaveAttribute('aria-invalid');
    expect(
      faultsOfPlace({ ...newPlace(), latitude: '1', longitude: '', name: 'x'.repeat(501) }),
    ).toMatchObject({
      longitude: expect.any(String) as string,
      name: expect.any(String) as string,
    });
  });

  it('says at its field what the core refused', async () => {
    const { host } = await show('send-place');
    host.answers.conversation_send_place = () => {
      throw { ...rpcError('invalid', 'error_degrees'), field: 'longitude' };
    };
    await fireEvent.click(screen.getByTestId('place-send'));
    await settle();
    expect(screen.getByTestId('place-longitude')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.queryByTestId('place-problem')).toBeNull();
  });

  it('that could not be sent is still filled in when the sheet opens again', async () => {
    await show('send-place-refused');
    expect(screen.getByTestId('place-problem')).toHaveTextContent('The location was not sent.');
    await fireEvent.click(screen.getByTestId('send-place-close'));
    await gone('send-place');
    await act('composer-attach');
    await act('attach-place');
    await settle();
    expect(await screen.findByTestId('place-latitude')).toHaveValue('52.5');
  });
});

describe('people to reach', () => {
  it('are sent with all their numbers and mail', async () => {
    const { host } = await show('send-cards');
    const phones = screen.getAllByTestId('person-phone');
    expect(phones).toHaveLength(2);
    expect(phones[1]).toHaveFocus();
    await fireEvent.input(phones[1] as HTMLElement, { target: { value: ' 030 9 ' } });
    await type('person-mail', 'lena@fabrikam.example');
    await fireEvent.click(screen.getByTestId('cards-send'));
    await gone('send-cards');
    expect(host.asked('conversation_send_cards')).toEqual([
      {
        contact: key,
        cards: [
          {
            name: 'Lena Vogel',
            phones: ['+49 30 123456', '030 9'],
            more: [{ name: 'E-mail', value: 'lena@fabrikam.example' }],
          },
        ],
      },
    ]);
  });

  it('have each a name and a way to reach them', () => {
    const person = { ...newPerson(), name: 'Ana' };
    expect(Object.keys(faultsOfPeople([newPerson(), person]))).toEqual(['name 0', 'phone 0 0', 'phone 1 0']);
    expect(Object.keys(faultsOfPeople([{ ...person, phones: ['call me'] }]))).toEqual(['phone 0 0']);
    expect(faultsOfPeople([{ ...person, mail: 'a@b.example' }])).toEqual({});
    expect(faultsOfPeople(Array.from({ length: 11 }, () => ({ ...person, phones: ['1'] })))).toHaveProperty(
      'people',
    );
    expect(cardsOf([{ name: ' Ana ', phones: ['', ' 1 '], mail: '' }])).toEqual([
      { name: 'Ana', phones: ['1'], more: [] },
    ]);
  });

  it('say at their fields what is wrong, and can be taken out', async () => {
    const { host } = await show('send-cards-many');
    const [, second] = screen.getAllByTestId('person');
    expect(within(second as HTMLElement).getByTestId('person-name')).toHaveFocus();
    await fireEvent.click(screen.getByTestId('cards-send'));
    await settle();
    expect(within(second as HTMLElement).getByTestId('person-name')).toHaveAttribute('aria-invalid', 'true');
    expect(host.asked('conversation_send_cards')).toEqual([]);
    await fireEvent.click(within(second as HTMLElement).getByTestId('person-remove'));
    await settle();
    expect(screen.getAllByTestId('person')).toHaveLength(1);
    expect(screen.getByTestId('person-name'), 'the first is still there').toHaveValue('Lena Vogel');
  });
});

describe('on its way', () => {
  it('a place and people look as they will arrive, and can be sent again', async () => {
    const { host } = await show('cards-outgoing');
    const [place, people] = screen.getAllByTestId('outgoing');
    expect(within(place as HTMLElement).getByTestId('place')).toHaveTextContent('Fabrikam shop');
    expect(within(people as HTMLElement).getByTestId('contact-card')).toHaveTextContent('Lena Vogel');
    await fireEvent.click(within(people as HTMLElement).getByTestId('outgoing-retry'));
    expect(host.asked('conversation_retry')).toEqual([{ contact: key, token: 'o2' }]);
  });

  it('is offered only where it can be sent', async () => {
    await show('cx-chat');
    await act('composer-attach');
    await settle();
    expect(screen.queryByTestId('attach-place')).toBeNull();
    document.body.innerHTML = '';
    await show('composer-attach-menu');
    expect(await screen.findByTestId('attach-place')).toBeInTheDocument();
    expect(screen.getByTestId('attach-file')).toBeInTheDocument();
  });
});
