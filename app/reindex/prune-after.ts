import type { Logger } from 'pino'
import type { Vectors } from '#engines/vectors/port.ts'
import { prune } from '#items/reindex/prune.ts'
import type { ReindexReport } from '#items/reindex/reindex.ts'

/**
 * After a run that is served, deletes what no rollback needs; otherwise run after run would fill the disk. What cannot be
 * deleted now is logged, and deleted after the next run. @returns the names of what was deleted
 */
export async function pruneAfter(
  { swapped }: ReindexReport,
  vectors: Vectors,
  logger: Logger,
): Promise<readonly string[]> {
  if (!swapped) return []
  try {
    return await prune(vectors)
  } catch (error) {
    logger.warn({ err: error }, 'older collections could not be deleted')
    return []
  }
}
