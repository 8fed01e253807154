/** Whether a server of the version, as in `26.7.1`, is older than the oldest that is fit. One that says none is. */
export function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number)
  return !(itsMajor > major || (itsMajor === major && itsMinor >= minor))
}
