/** Named places where a crash is most likely to show a fault; the crash test ends the process there. */
export type CrashPoint = 'after-intent' | 'mid-insert' | 'after-insert' | 'mid-snapshot'
/** Called when processing gets there. */
export type CrashHook = (point: CrashPoint) => void

export const noCrash: CrashHook = () => {}
