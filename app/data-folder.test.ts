import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'
import { checkDataFolder } from './data-folder.ts'
import { holdDataFolder } from './hold-data-folder.ts'

const temporary = () => mkdtempDisposable(join(tmpdir(), 'freshet-data-folder-'))

test('a folder that is not there is made, with those above it', async () => {
  await using folder = await temporary()
  const data = join(folder.path, 'a', 'b c', 'ü')
  await checkDataFolder(data)
  expect((await stat(data)).isDirectory()).toBe(true)
})

test('one that is there stays as it is', async () => {
  await using folder = await temporary()
  await writeFile(join(folder.path, 'kept'), '1')
  await checkDataFolder(folder.path)
  await checkDataFolder(folder.path)
  expect((await stat(join(folder.path, 'kept'))).size).toBe(1)
})

test('a file in its place is refused, by its name and with what to do', async () => {
  await using folder = await temporary()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const checking = checkDataFolder(file)
  await expect(checking).rejects.toThrow(ConfigError)
  await expect(checking).rejects.toThrow(`the data folder ${file} is a file; choose another`)
  await expect(checkDataFolder(join(file, 'below'))).rejects.toThrow(ConfigError)
})

test('where the kernel makes no folder it is refused, and does not hang', async () => {
  const choose = /cannot be written \(E[A-Z]+\); choose another with --data/
  await expect(checkDataFolder('/proc/freshet/data')).rejects.toThrow(choose)
})

test('a folder is held by one process at a time', async () => {
  await using folder = await temporary()
  const config = loadConfig({ data: folder.path }, {})
  {
    using _held = holdDataFolder(config, 'stop it')
    const again = () => holdDataFolder(config, 'ask it with --url')
    expect(again).toThrow(ConfigError)
    expect(again).toThrow(`${folder.path} is in use by a running Freshet; ask it with --url`)
  }
  using _free = holdDataFolder(config, 'stop it')
})

test('with the log on a server there is nothing to hold', async () => {
  await using folder = await temporary()
  const config = loadConfig({ data: folder.path }, { LOG_URL: 'kafka://host:9092' })
  using _first = holdDataFolder(config, '')
  expect(() => holdDataFolder(config, '')).not.toThrow('in use')
})
