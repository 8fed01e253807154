import { execFileSync, spawnSync } from 'node:child_process'

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

const NAMES = ['postgres', 'nobody']

/** The user for programs that refuse to run as root; undefined when we are not root. */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of NAMES) {
    const id = (option: string) => spawnSync('id', [option, name], { encoding: 'utf8' })
    const [uid, gid] = [id('-u'), id('-g')]
    if (uid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error(`root cannot run it, and there is no user ${NAMES.join(' or ')}`)
}

/** Whether the user may enter a folder; root's home is closed to others. */
export function mayEnter(folder: string, { uid, gid }: SystemUser): boolean {
  try {
    execFileSync('test', ['-x', folder], { uid, gid, cwd: '/' })
    return true
  } catch {
    return false
  }
}
