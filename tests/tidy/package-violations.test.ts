import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { type Lock, type Manifest, packageViolations } from './package-violations.ts'
import { absolute, readJson } from './repository.ts'

const manifest = readJson('package.json') as Manifest
const lock = readJson('package-lock.json') as Lock

test('packages are pinned, locked for every platform, and named when they run scripts', () => {
  expect(packageViolations(manifest, lock)).toEqual([])
  expect(Object.keys(manifest.dependencies ?? {}).length).toBeGreaterThan(10)
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100)
})

test('npm ci takes the lock file', () => {
  // Rejects when the lock file lacks something; needs no network, changes nothing.
  const output = execFileSync('npm', ['ci', '--dry-run', '--offline', '--no-audit', '--no-fund'], {
    cwd: absolute('.'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(output).not.toContain('Missing:')
})

test.each([
  ['^1.2.3', 'vitest is not pinned: ^1.2.3'],
  ['latest', 'vitest is not pinned: latest'],
  ['1.2', 'vitest is not pinned: 1.2'],
])('the version %s is refused', (version, violation) => {
  const loose = { ...manifest, devDependencies: { ...manifest.devDependencies, vitest: version } }
  expect(packageViolations(loose, lock)).toContain(violation)
  expect(packageViolations(loose, lock)).toContain('the lock file was made of another package.json')
})

test.each(['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-x64-gnu'])(
  'a lock file without chDB for %s is refused',
  (platform) => {
    const { [`node_modules/@chdb/lib-${platform}`]: _, ...rest } = lock.packages
    expect(packageViolations(manifest, { packages: rest }).join()).toContain(
      `@chdb/lib-${platform}, which`,
    )
  },
)

test('a lock file that names a host is refused', () => {
  const planted = { 'node_modules/a': { resolved: 'https://host.example/a.tgz' } }
  expect(packageViolations(manifest, { packages: { ...lock.packages, ...planted } })).toEqual([
    'node_modules/a is locked to one host: https://host.example/a.tgz',
  ])
})

test('a package that runs a script unasked is refused', () => {
  const planted = { 'node_modules/b/node_modules/@c/a': { hasInstallScript: true } }
  expect(packageViolations(manifest, { packages: { ...lock.packages, ...planted } })).toEqual([
    '@c/a has an install script that allowScripts does not name',
  ])
})
