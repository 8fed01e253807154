import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registryContract } from '../contract.ts'
import { openEmbeddedRegistry } from './embedded-registry.ts'

let folder: string
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-registry-'))
})
afterAll(() => rm(folder, { recursive: true }))

function newFile(): string {
  files++
  return join(folder, `${files}`, 'registry.json')
}

registryContract('the embedded registry', () => openEmbeddedRegistry({ file: newFile() }))

const USER = '{"type":"record","name":"User","fields":[{"name":"id","type":"string"}]}'
const SHOP = '{"type":"record","name":"Shop","fields":[]}'

test('ids count from 1 and outlive the process', async () => {
  const file = newFile()
  {
    await using registry = await openEmbeddedRegistry({ file })
    expect(await registry.register('users', USER)).toBe(1)
    expect(await registry.register('shops', SHOP)).toBe(2)
  }
  await using reopened = await openEmbeddedRegistry({ file })
  expect(JSON.parse(await reopened.byId(1))).toEqual(JSON.parse(USER))
  expect(await reopened.register('users', USER)).toBe(1)
  await expect(reopened.register('users', USER.replace('"string"', '"int"'))).rejects.toMatchObject(
    { code: 'INCOMPATIBLE_SCHEMA' },
  )
})

test('leaves no temporary file behind', async () => {
  const file = newFile()
  await using registry = await openEmbeddedRegistry({ file })
  await registry.register('users', USER)
  expect(await readdir(join(file, '..'))).toEqual(['registry.json'])
})

test.each([
  ['cut short', (text: string) => text.slice(0, -20)],
  ['of another shape', () => '[]'],
  ['with a schema that is none', (text: string) => text.replace('"record"', '"recrod"')],
  [
    'with a subject that names no schema',
    (text: string) => text.replace(/"users": \[\s*1/, '"users": [9'),
  ],
])('a file %s is reported as damaged, with what to do', async (_, damage) => {
  const file = newFile()
  {
    await using registry = await openEmbeddedRegistry({ file })
    await registry.register('users', USER)
  }
  const text = await readFile(file, 'utf8')
  expect(damage(text)).not.toBe(text)
  await writeFile(file, damage(text))
  const opening = openEmbeddedRegistry({ file })
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_CORRUPT', retriable: false })
  await expect(opening).rejects.toThrow(`${file} is damaged; restore it from a backup`)
})

test('a file that cannot be read is reported with its path', async () => {
  const file = newFile()
  await mkdir(file, { recursive: true })
  const opening = openEmbeddedRegistry({ file })
  await expect(opening).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  await expect(opening).rejects.toThrow(file)
})

test('a schema that cannot be written is not registered', async () => {
  const file = newFile()
  await using registry = await openEmbeddedRegistry({ file })
  const inTheWay = join(file, '..')
  await writeFile(inTheWay, 'a file where the folder should be')
  await expect(registry.register('users', USER)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    retriable: true,
  })
  await expect(registry.byId(1)).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA' })
  await rm(inTheWay)
  expect(await registry.register('users', USER)).toBe(1)
})
