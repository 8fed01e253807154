import { eventSchema } from './header.ts'

const COUNTRY = {
  name: 'country',
  type: ['null', 'string'],
  default: null,
  pattern: '^[A-Z]{2}$',
  doc: 'ISO 3166-1 alpha-2. No e-mail, name or address in any event.',
} as const

export const UserRegistered = eventSchema('UserRegistered', 'An account was opened.', [COUNTRY])
export const UserUpdated = eventSchema('UserUpdated', 'An account changed.', [COUNTRY])
export const UserErased = eventSchema('UserErased', 'A person asked to be forgotten.', [])
