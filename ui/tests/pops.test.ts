import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const press = async (id: string): Promise<void> => {
  await userEvent.setup().click(byId(id));
  await settle();
};

describe('pages in the settings', () => {
  it('say when and for whom each opens, and what did not open', async () => {
    await show('settings-pops');
    const [first, second] = screen.getAllByTestId('pop');
    expect(first).toHaveTextContent('Customer record');
    expect(first).toHaveTextContent('When the contact is offered');
    expect(first).toHaveTextContent('All accounts · all queues');
    expect(second).toHaveTextContent('Returns, Warranty');
    expect(byId('pop-failure')).toHaveTextContent('there is no value for product');
    expect(byId('pop-failure')).toHaveTextContent('Ana Ferreira');
    await press('pops-forget');
    expect(screen.queryByTestId('pop-failure'), 'put away').toBeNull();
  });

  it('that failed for nobody known by name say so', async () => {
    const failure = {
      problem: { message_key: 'notice_screen_pop_no_browser', params: { page: 'Customer record' } },
      customer: '',
      at: Number.MAX_SAFE_INTEGER,
    };
    await show({
      window: 'panel',
      snapshot: f.snapshot(),
      show: 'settings/pops',
      pops: f.pops({ failures: [failure] }),
    });
    expect(byId('pop-failure')).toHaveTextContent('Unknown customer');
    expect(byId('pop-failure'), 'a time that no calendar has').toHaveTextContent('not known');
  });

  it('take details of events as values where a platform tells events, and only there', async () => {
    await show('settings-pop-events');
    const offered = (): string[] => screen.getAllByTestId('pop-field').map((one) => one.textContent.trim());
    expect(offered()).toEqual(
      expect.arrayContaining(['event.id', 'event.type', 'event.campaign', 'event.channel', 'event.way']),
    );
    expect(byId('pop-events')).toHaveTextContent('for example {{orderNumber}}');
    document.body.innerHTML = '';
    await show('settings-pop-add');
    expect(offered()).not.toContain('event.id');
    expect(screen.queryByTestId('pop-events')).toBeNull();
  });

  it('of an administrator are shown and cannot be changed', async () => {
    await show('settings-pops-fixed');
    for (const id of ['pop-add', 'pop-edit', 'pop-remove', 'pops-domains', 'pops-http'])
      expect(screen.queryByTestId(id), id).toBeNull();
    expect(byId('pops-domains-fixed')).toHaveTextContent('crm.example, *.tools.example');
  });

  it('are previewed while they are typed and kept whole', async () => {
    const { host } = await show('settings-pops');
    await press('pop-add');
    const user = userEvent.setup();
    await user.type(byId('pop-name'), 'Order');
    await user.type(byId('pop-url'), 'https://crm.example/');
    await user.click(screen.getAllByTestId('pop-field')[0] as HTMLElement);
    await user.type(byId('pop-queues'), 'Returns, Long name queue');
    await user.selectOptions(byId('pop-when'), 'offer');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await settle();
    expect(byId('pop-preview-address')).toHaveTextContent('https://crm.example/A-10442');
    expect(host.asked('screen_pop_preview').at(-1), 'under the rules in force').toMatchObject({
      url: 'https://crm.example/{{customer.address}}',
      allowed_domains: ['crm.example', '*.tools.example'],
      contact: null,
    });
    await press('pop-save');
    const [saved] = host.asked('screen_pops_save');
    expect(saved?.templates.length, 'beside those that are there').toBe(3);
    expect(saved?.templates[2]).toEqual({
      id: '',
      name: 'Order',
      account: null,
      queues: ['Returns', 'Long name queue'],
      when: 'offer',
      url: 'https://crm.example/{{customer.address}}',
    });
  });

  it('keep what is being filled in when something else takes the page away', async () => {
    const { host } = await show('settings-pops');
    const count = screen.getAllByTestId('pop').length;
    await press('pop-add');
    await userEvent.setup().type(byId('pop-name'), 'Half a page');
    host.push({ kind: 'show', value: 'contact/one/none' });
    await settle();
    expect(screen.queryByTestId('pop-name')).toBeNull();
    host.push({ kind: 'show', value: 'settings/pops' });
    await settle();
    expect(byId('pop-name')).toHaveValue('Half a page');
    await press('pop-cancel');
    expect(screen.getAllByTestId('pop'), 'given up, nothing is kept').toHaveLength(count);
    host.push({ kind: 'show', value: 'history' });
    host.push({ kind: 'show', value: 'settings/pops' });
    await settle();
    expect(screen.queryByTestId('pop-name')).toBeNull();
  });

  it('that are refused stay in the form with the reason at the field', async () => {
    const { host } = await show('settings-pop-add');
    host.answers.screen_pops_save = () => {
      throw { ...rpcError('invalid', 'error_screen_pop_address'), field: 'templates.0.url' };
    };
    await press('pop-save');
    expect(byId('pop-url')).toHaveAttribute('aria-invalid', 'true');
    expect(byId('pop-url'), 'nothing typed is lost').toHaveValue(
      'https://crm.example/orders/{{orderNumber}}',
    );
    expect(byId('pop-editor')).toHaveTextContent('The preview says why');
  });

  it('a domain that is none is refused at its field', async () => {
    const { host } = await show('settings-pops');
    host.answers.screen_pops_save = () => {
      throw { ...rpcError('invalid', 'error_screen_pop_domain'), field: 'allowed_domains' };
    };
    await userEvent.setup().type(byId('pops-domains'), ', https://x');
    await press('pops-domains-save');
    expect(byId('pops-rules')).toHaveTextContent('Give hosts only');
  });
});

describe('pages of a contact', () => {
  it('open by hand, and say why when they do not', async () => {
    const { host } = await show('contact-pages');
    const [crm] = screen.getAllByTestId('page-open');
    await userEvent.setup().click(crm as HTMLElement);
    await settle();
    expect(host.asked('contact_pop_open')).toMatchObject([{ page: 'crm' }]);
    expect(screen.queryByTestId('page-problem')).toBeNull();
    host.answers.contact_pop_open = () => ({
      problem: {
        message_key: 'notice_screen_pop_missing',
        params: { page: 'Customer record', about: 'order' },
      },
    });
    await userEvent.setup().click(crm as HTMLElement);
    await settle();
    expect(byId('page-problem')).toHaveTextContent(
      'Customer record was not opened: there is no value for order.',
    );
  });

  it('are not there for a contact without any', async () => {
    await show('live');
    expect(screen.queryByTestId('page-open')).toBeNull();
  });
});
