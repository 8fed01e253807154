/** An answer other than 200, with Qdrant's status for it. */
export class QdrantRefusal extends Error {
  override readonly name = 'QdrantRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function noCollection(name: string): QdrantRefusal {
  return new QdrantRefusal(404, `Not found: Collection \`${name}\` doesn't exist!`)
}

/** For features of Qdrant that the stand-in lacks. */
export function notInStandIn(what: string): QdrantRefusal {
  return new QdrantRefusal(501, `Freshet's stand-in for Qdrant has no ${what}`)
}
