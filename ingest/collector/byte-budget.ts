/** A number of bytes that many requests share: the bound on the memory that they can take together. */
export class ByteBudget {
  #free: number

  constructor(bytesMax: number) {
    this.#free = bytesMax
  }

  get free(): number {
    return this.#free
  }

  /** A share that starts empty, grows with `take` and goes back as a whole when disposed. */
  open(): ByteShare {
    let taken = 0
    return {
      take: (bytes) => {
        if (bytes > this.#free) return false
        this.#free -= bytes
        taken += bytes
        return true
      },
      [Symbol.dispose]: () => {
        this.#free += taken
        taken = 0
      },
    }
  }
}

export interface ByteShare extends Disposable {
  /** False when there are not that many bytes left; then nothing was taken. */
  take(bytes: number): boolean
}
