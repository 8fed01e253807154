import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { absolute, readText } from '../tidy/repository.ts'
import type { Manifest } from './manifest.ts'

/** Older versions have no `labels`; Debian 12 has kubectl 1.20, with kustomize 2. */
const MAJOR_MIN = 5
const RENDERERS = [
  ['kubectl', 'version', '--client', '--output=yaml'],
  ['kustomize', 'version'],
] as const
const [renderer] = RENDERERS.find(isRecent) ?? []
const isRequired = process.env['REQUIRE_KUBECTL'] === '1'

/** Registers tests that render. Without a renderer a skipped test says so; with `REQUIRE_KUBECTL=1` it fails instead. */
export function withKustomize(register: () => void): void {
  if (renderer !== undefined) register()
  else needsKustomize()
}

function needsKustomize(): void {
  test.skipIf(!isRequired)('needs a recent kubectl, or kustomize 5', () => {
    expect.fail('REQUIRE_KUBECTL=1, and there is neither a recent kubectl nor kustomize 5')
  })
}

/** The manifests that a folder below `k8s/` renders to. */
export function render(folder: string): readonly Manifest[] {
  const verb = renderer === 'kubectl' ? 'kustomize' : 'build'
  const path = absolute(`k8s/${folder}`)
  return parsed(execFileSync(renderer ?? '', [verb, path], { encoding: 'utf8' }))
}

/** The manifests in a file below `k8s/`. */
export function readManifests(path: string): readonly Manifest[] {
  return parsed(readText(`k8s/${path}`))
}

function parsed(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as Manifest)
}

function isRecent([command, ...args]: (typeof RENDERERS)[number]): boolean {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' })
  const [, major = '0'] = /(?:kustomizeVersion: |^)v(\d+)\./m.exec(stdout) ?? []
  return Number(major) >= MAJOR_MIN
}
