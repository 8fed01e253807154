import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'

/**
 * Ends a run with what was skipped and why, and with one plain line: `N passed, N failed`. What could not even be
 * loaded, and errors outside every test, count as failed.
 */
export class ClosingLineReporter implements Reporter {
  #print: (line: string) => void = () => {}

  onInit(vitest: Vitest): void {
    this.#print = (line) => vitest.logger.log(line)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const brokenSuites = modules.flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allSuites()].flatMap((suite) => suite.errors()),
    ])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const skipped = inState('skipped')
    const failed = inState('failed').length + brokenSuites.length + unhandledErrors.length

    if (skipped.length > 0) this.#print(`${skipped.length} SKIPPED:`)
    for (const line of skippedLines(skipped)) this.#print(`  ${line}`)
    this.#print(`${inState('passed').length} passed, ${failed} failed`)
  }
}

/** One line for each need that was not met, with the files it leaves untested; then one for each other test. */
function skippedLines(skipped: readonly TestCase[]): readonly string[] {
  const files = new Map<string, Set<string>>()
  const others: string[] = []
  for (const test of skipped) {
    const file = test.module.relativeModuleId
    // As tests/servers/with-server.ts names them: what is needed and the command that brings it.
    if (!test.name.startsWith('needs ')) others.push(`${file}: ${reasonOf(test)}`)
    else files.set(test.name, (files.get(test.name) ?? new Set()).add(file))
  }
  const needs = [...files].map(([need, of]) => `${[...of].join(', ')} ${need}`)
  return [...needs, ...others]
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  const reason = result.state === 'skipped' ? result.note : undefined
  return reason === undefined ? test.fullName : `${test.fullName} (${reason})`
}
