/** Named places where a crash hurts most; the crash test ends the process there. */
export type CrashPoint = 'after-intent' | 'mid-insert' | 'after-insert' | 'mid-snapshot'
export type Probe = (point: CrashPoint) => void

export const noProbe: Probe = () => {}
