import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withPromtool } from '../dashboards/promtool.ts'
import { readManifests } from './render.ts'

const HOUR = 3_600
const OF_CRON_JOB = '{namespace="freshet", cronjob="freshet-reindex"}'

withPromtool((promtool) => {
  test('the example alert fires 30 hours after the last reindex that succeeded, and after the first that did not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'freshet-rules-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [example] = readManifests('examples/prometheus-rule.yaml')
    const firesAt = (hours: number, isFiring: boolean) => ({
      eval_time: `${hours}h`,
      expr: 'count(ALERTS{alertname="FreshetReindexOverdue", alertstate="firing"})',
      exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
    })
    const tested = {
      rule_files: [join(folder, 'rules.json')],
      evaluation_interval: '1h',
      tests: [
        {
          interval: '1h',
          input_series: [
            { series: `kube_cronjob_created${OF_CRON_JOB}`, values: '0x100' },
            {
              series: `kube_cronjob_status_last_successful_time${OF_CRON_JOB}`,
              values: `_x40 ${40 * HOUR}x60`,
            },
          ],
          promql_expr_test: [
            firesAt(30, false),
            firesAt(32, true),
            firesAt(70, false),
            firesAt(72, true),
          ],
        },
      ],
    }
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(example?.spec))
    writeFileSync(join(folder, 'test.json'), JSON.stringify(tested))
    expect(promtool('check', 'rules', join(folder, 'rules.json'))).toContain('SUCCESS')
    expect(promtool('test', 'rules', join(folder, 'test.json'))).toContain('SUCCESS')
  })
})
