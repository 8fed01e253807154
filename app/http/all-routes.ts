import type { Declaration } from '#http/route.ts'
import { COLLECTOR_ROUTES } from '#ingest/http/collector-routes.ts'
import { HEALTH_ROUTES } from '#serving/http/health-routes.ts'
import { SERVING_ROUTES } from '#serving/http/serving-routes.ts'
import { ERROR_PAGE_ROUTES } from './error-page-routes.ts'

/** What a process with every role answers. */
export const ALL_ROUTES: readonly Declaration[] = [
  ...COLLECTOR_ROUTES,
  ...SERVING_ROUTES,
  ...HEALTH_ROUTES,
  ...ERROR_PAGE_ROUTES,
]
