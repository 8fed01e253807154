/**
 * Scales the vector to unit length, in place. A zero vector, of a text of which a model knows nothing, becomes the first
 * axis: it can be stored and compared like any other, and is near only to other such texts.
 */
export function unitLength(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  if (squares === 0) {
    vector[0] = 1
    return vector
  }
  const length = Math.sqrt(squares)
  for (const [index, value] of vector.entries()) vector[index] = value / length
  return vector
}
