import { setText } from './element.js'

/** Shows what readiness warns of: that anybody who reaches this address can read and write everything. */
export async function showWarning(target) {
  try {
    const { warning = '' } = await (await fetch('/readyz')).json()
    setText(target, warning)
    target.hidden = warning === ''
  } catch {
    // The page says "reconnecting" already.
  }
}
