/** Which of several contacts a plugin is about. */
import type { Contact } from './agent.ts';
import type { ContactBook } from './contacts.ts';
import { element } from './elements.ts';
import type { Language } from './words.ts';

const WHICH = { en: 'Contact', ru: 'Обращение' } as const;
const MEDIA: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: { VOICE: 'Call', CHAT: 'Chat', TASK: 'Task', EMAIL: 'E-mail' },
  ru: { VOICE: 'Звонок', CHAT: 'Чат', TASK: 'Задача', EMAIL: 'Письмо' },
};

/** A medium that has no name here goes by the platform's. */
const mediumOf = ({ channel }: Contact, language: Language): string => MEDIA[language][channel] ?? channel;

/** What a contact is called in a list. */
export const labelOf = (contact: Contact, language: Language): string =>
  contact.customer.name ??
  contact.customer.phoneNumber ??
  contact.customer.email ??
  mediumOf(contact, language);

/** Its medium and queue: "Call · Sales". */
export const lineOf = (contact: Contact, language: Language): string =>
  [mediumOf(contact, language), contact.queue?.name].filter((part) => part !== undefined).join(' · ');

/** Buttons, one a contact; none where there is no choice. */
export function whichContact(
  book: ContactBook,
  language: Language,
  choose: (contactId: string) => void,
): HTMLElement | undefined {
  const all = book.all();
  if (all.length < 2) return undefined;
  const current = book.current()?.contact.contactId;
  return element(
    'div',
    { class: 'choice', attributes: { role: 'group', 'aria-label': WHICH[language] } },
    ...all.map(({ contact }) =>
      element('button', {
        text: labelOf(contact, language),
        attributes: {
          type: 'button',
          'data-key': `contact ${contact.contactId}`,
          'aria-pressed': String(contact.contactId === current),
        },
        on: { click: () => choose(contact.contactId) },
      }),
    ),
  );
}
