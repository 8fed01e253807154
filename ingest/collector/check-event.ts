import type { z } from 'zod'
import { EVENT_JSON, type EventInput } from '#schemas/events/json.ts'
import { isEventType } from '#schemas/events.ts'
import type { Fault } from './fault.ts'
import { faultOf } from './fault-of-issue.ts'

export type CheckedEvent = { readonly event: EventInput } | { readonly fault: Fault }

/** Holds a parsed JSON value to the schema that its `type` names; the first thing wrong with it is the fault. */
export function checkEvent(value: unknown): CheckedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('not_an_object', '', 'an event is a JSON object')
  if (!Object.hasOwn(value, 'type')) return fault('missing_field', '/type', '/type is required')
  const { type } = value as { type: unknown }
  if (typeof type !== 'string') return fault('wrong_type', '/type', '/type must be text')
  if (!isEventType(type)) {
    const message = `/type "${type.slice(0, 64)}" is no event type; /openapi.json lists those there are`
    return fault('unknown_type', '/type', message)
  }
  const parsed = EVENT_JSON[type].safeParse(value, { reportInput: true })
  return parsed.success ? { event: parsed.data } : { fault: faultOf(firstIssue(parsed.error)) }
}

function firstIssue({ issues: [first] }: z.ZodError): z.core.$ZodIssue {
  if (first === undefined) throw new TypeError('a failed parse has no issue')
  return first
}

function fault(code: Fault['code'], pointer: string, message: string): CheckedEvent {
  return { fault: { code, pointer, message } }
}
