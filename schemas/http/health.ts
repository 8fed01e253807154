import { z } from 'zod'
import { Problem } from './problem.ts'

export const Liveness = z.object({ status: z.literal('alive') }).meta({ id: 'Liveness' })
export type Liveness = z.infer<typeof Liveness>

export const EngineState = z
  .object({
    name: z.string(),
    ready: z.boolean(),
    reason: z.string().optional().describe('Why it is not ready.'),
  })
  .meta({ id: 'EngineState' })
export type EngineState = z.infer<typeof EngineState>

export const Readiness = z
  .object({
    ready: z.boolean().describe('Everything that answers depend on is ready.'),
    engines: z
      .array(EngineState)
      .describe('The engines of this process, and the recommender where it has one.'),
    exposed: z
      .boolean()
      .describe(
        'The process listens beyond this machine, where anybody can read and write everything.',
      ),
    warning: z.string().optional().describe('What to do about it, when it is exposed.'),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>

/** The problem `engine-unavailable` of `/readyz` has the state of each engine too. */
export const NotReady = Problem.extend(Readiness.shape).meta({ id: 'NotReady' })
