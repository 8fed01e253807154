import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTestFile } from '../tidy/is-test-file.ts'
import { absolute } from '../tidy/repository.ts'
import { DOCKERFILE_TEXT, lineage, parseDockerfile } from './dockerfile.ts'
import { dockerfileViolations } from './dockerfile-violations.ts'
import {
  bytesOf,
  IMAGES,
  type ImageName,
  installedFiles,
  packageFiles,
  programFiles,
  removals,
} from './image-files.ts'
import { reachedPackages } from './reached-packages.ts'

const images = Object.keys(IMAGES) as ImageName[]
const REMOVED = IMAGES.cluster.flatMap(removals)
/** Starting a command for the first time compiles it. */
const START_MS = 120_000
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

test.each(images)('the Dockerfile keeps the policy in its target %s', (image) => {
  expect(dockerfileViolations(DOCKERFILE_TEXT, image)).toEqual([])
  expect(lineage(parseDockerfile(), image).length).toBeGreaterThan(8)
})

test.each([
  ['24.21.0-bookworm-slim', 'latest', 'node:latest is not pinned to a release on a slim Debian'],
  [
    '24.21.0-bookworm-slim',
    '24-alpine',
    'node:24-alpine is not pinned to a release on a slim Debian',
  ],
  ['USER 1000:1000\n', '', 'it does not run as a numbered user that is not root'],
  ['USER 1000:1000', 'USER node', 'it does not run as a numbered user that is not root'],
  [
    'CMD ["node", "deploy/image/probe.ts", "http://127.0.0.1:8080/livez"]',
    'CMD curl localhost:8080',
    'it has no health check, or one that needs a shell',
  ],
  [
    'ENTRYPOINT ["node", "app/main.ts"]',
    'ENTRYPOINT npm start',
    'a shell stands between it and its signals',
  ],
  ['STOPSIGNAL SIGTERM', '', 'it does not say that SIGTERM stops it'],
  [
    'npm ci --omit=dev',
    'npm install',
    'it installs what the lock file does not say, for developers, or runs scripts',
  ],
  ['FRESHET_DATA=/data', 'QDRANT_API_KEY=abc', 'it has a secret in it'],
  ['COPY . .', 'ADD https://example.org/a .', 'it adds from elsewhere'],
])('%s as "%s" is refused', (written, planted, violation) => {
  expect(DOCKERFILE_TEXT).toContain(written)
  const spoilt = DOCKERFILE_TEXT.replace(written, planted)
  expect(dockerfileViolations(spoilt, 'cluster')).toContain(violation)
})

test('the default target is the one without the embedded engine', () => {
  expect(parseDockerfile().at(-1)?.name).toBe('cluster')
})

test('nothing but the program goes into an image', () => {
  const files = programFiles()
  expect(files).toEqual(
    expect.arrayContaining(['app/main.ts', 'package.json', 'NOTICE', 'LICENSE']),
  )
  expect(files).toContain('docs/errors/ENGINE_REFUSED.md')
  expect(files.filter((path) => isTestFile(path))).toEqual([])
  expect(files.filter((path) => /^(\.env|\.git|\.ci|data\/|docker-compose)/.test(path))).toEqual([])
  expect(files.length).toBeGreaterThan(200)
})

test.each(images)(
  'the commands of the Dockerfile leave of the packages what is counted for %s',
  (image) => {
    const folder = temporary()
    const packed = installedFiles().filter(isTelling)
    for (const path of packed) place(path, folder, symlinkSync)
    for (const list of ['in-no-image', 'not-on-amd64', 'not-in-cluster']) {
      place(`deploy/image/${list}.txt`, folder, copyFileSync)
    }
    const stages = parseDockerfile()
    const packages = image === 'cluster' ? 'cluster-packages' : 'packages'
    const removing = lineage(stages, packages).filter((line) => line.text.includes('rm -rf'))
    for (const { text } of removing) {
      execFileSync('sh', ['-ec', text], {
        cwd: folder,
        env: { ...process.env, TARGETARCH: 'amd64' },
      })
    }
    const left = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    expect(new Set(left)).toEqual(new Set(packageFiles(image).filter(isTelling)))
    expect(left.length).toBeGreaterThan(100)
    expect(packed.length - left.length).toBeGreaterThan(20)
  },
)

test('the cluster image is a fraction of the embedded one', () => {
  expect(bytesOf(packageFiles('cluster'))).toBeLessThan(150_000_000)
  expect(bytesOf(packageFiles('embedded'))).toBeGreaterThan(500_000_000)
  expect(packageFiles('cluster').filter((path) => path.includes('chdb'))).toEqual([])
})

test('every package that the cluster’s processes import is in their image', () => {
  const present = new Set(packageFiles('cluster').map(packageOf))
  const reached = reachedPackages('app/main.ts', (path) => !path.includes('/embedded/'))
  expect(reached.filter((name) => !present.has(name))).toEqual([])
  expect(reached).toEqual(expect.arrayContaining(['express', 'kafkajs', 'prom-client']))
  expect(reachedPackages('app/main.ts', () => true)).toContain('chdb')
})

describe('in a folder with the files of the cluster image and no others', () => {
  let folder: string
  beforeAll(() => {
    folder = temporary()
    for (const path of [...programFiles(), ...packageFiles('cluster')]) place(path, folder, linked)
  })

  test(
    'every command of the cluster starts',
    async () => {
      const commands = ['init', 'ingest', 'process', 'serve', 'demo', 'doctor']
      const started = await Promise.all(commands.map((command) => freshet([command, '--help'])))
      for (const [index, { status, stdout, stderr }] of started.entries()) {
        expect(stderr).toBe('')
        expect(stdout).toContain(`Usage: freshet ${commands[index]}`)
        expect(status).toBe(0)
      }
    },
    START_MS,
  )

  test('the adapter of every server and the text model load', async () => {
    const { stdout, stderr } = await freshet(['doctor', '--json'], NOBODY_THERE)
    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] }
    expect(stderr).toBe('')
    expect(findings.find(({ check }) => check === 'text model')).toMatchObject({ state: 'ok' })
    for (const [check, settled] of Object.entries(SAID_OF_NOBODY)) {
      expect(findings.find((one) => one.check === check)?.detail).toMatch(settled)
    }
  })

  test('the embedded ClickHouse is not there', async () => {
    const { status, stderr } = await freshet(['start', '--no-demo', '--port', '0'])
    expect(stderr).toContain("Cannot find package 'chdb'")
    expect(status).toBe(1)
  })

  async function freshet(words: readonly string[], settings: NodeJS.ProcessEnv = {}) {
    const own = { FRESHET_DATA: join(folder, 'data'), FRESHET_URL: 'http://127.0.0.1:2' }
    const env = { ...own, ...settings }
    const child = spawn(process.execPath, ['app/main.ts', ...words], { cwd: folder, env })
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ])
    return { status, stdout, stderr }
  }
})

interface Finding {
  readonly check: string
  readonly state: string
  readonly detail: string
}

/** Servers as the Compose file names them, where nothing listens. */
const NOBODY_THERE = {
  LOG_URL: 'kafka://127.0.0.1:2',
  REGISTRY_URL: 'http://127.0.0.1:2/apis/ccompat/v7',
  TABLES_URL: 'clickhouse://freshet:secret@127.0.0.1:2/freshet',
  VECTORS_URL: 'qdrant://:secret@127.0.0.1:2',
  CACHE_URL: 'redis://:secret@127.0.0.1:2',
}

const SAID_OF_NOBODY = {
  log: /ECONNREFUSED|connect/i,
  registry: /ECONNREFUSED|connect/i,
  tables: /ECONNREFUSED|connect/i,
  vectors: /ECONNREFUSED|connect/i,
  cache: /ECONNREFUSED|connect/i,
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-image-'))
  folders.push(folder)
  return folder
}

function place(path: string, folder: string, put: (from: string, to: string) => void): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true })
  put(absolute(path), join(folder, path))
}

/** As the same file where that can be, else as a copy. */
function linked(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/** Enough to see what is removed: each package by one file, and all of what the lists name. */
function isTelling(path: string): boolean {
  return path.endsWith('/package.json') || REMOVED.some((one) => path.startsWith(`${one}/`))
}

function packageOf(path: string): string {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? ''
}
