const STREAM = '/v1/trends/live'
const EVENTS = ['trends', 'movers', 'ledger']
/** The server sends `trends` every second: this long without one means a dead connection. */
const SILENCE_MS = 10_000
const RETRY_MS_MIN = 1_000
const RETRY_MS_MAX = 15_000

/**
 * Listens to the live stream for as long as the page is open. The browser reconnects by itself after a cut; this does
 * so after refusals and silence too. `onState` hears `live` and `reconnecting`.
 */
export function liveStream({ onEvent, onState }) {
  let source
  let silence
  let retryMs = RETRY_MS_MIN
  open()

  function open() {
    source = new EventSource(STREAM)
    source.addEventListener('error', () => {
      onState('reconnecting')
      if (source.readyState === EventSource.CLOSED) reopenLater()
    })
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        heard()
        onEvent(name, JSON.parse(event.data))
      })
    }
    watch()
  }

  function heard() {
    retryMs = RETRY_MS_MIN
    onState('live')
    watch()
  }

  function watch() {
    clearTimeout(silence)
    silence = setTimeout(() => {
      onState('reconnecting')
      reopenLater()
    }, SILENCE_MS)
  }

  function reopenLater() {
    clearTimeout(silence)
    source.close()
    setTimeout(open, retryMs)
    retryMs = Math.min(RETRY_MS_MAX, retryMs * 2)
  }
}
