/** Whether a version such as `26.7.1` is older than the oldest supported one; so is a text that is no version. */
export function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number)
  return !(itsMajor > major || (itsMajor === major && itsMinor >= minor))
}
