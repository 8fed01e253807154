import { expect, test } from 'vitest'
import { chooseJava, releaseIn } from './find-java.ts'
import { ServerMissing } from './server-recipe.ts'

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "25" 2025-09-16', 25],
  ['java version "1.8.0_392"', 8],
  ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21.0.2"', 21],
  ['command not found', undefined],
])('%j is release %s', (output, release) => {
  expect(releaseIn(output)).toBe(release)
})

test('the first JDK that is new enough is chosen', () => {
  const [old, chosen, newer] = [17, 21, 25].map((release) => ({
    program: `java${release}`,
    release,
  }))
  const javas = [old, chosen, newer].filter((java) => java !== undefined)
  expect(chooseJava(javas, 21)).toBe(chosen)
})

test('without one, the error says what is installed and what to install', () => {
  const missing = (releases: number[]) => () =>
    chooseJava(
      releases.map((release) => ({ program: 'java', release })),
      17,
    )
  expect(missing([])).toThrow(ServerMissing)
  expect(missing([])).toThrow('there is no Java, and 17 or newer is needed: `apt-get install')
  expect(missing([8, 11])).toThrow('the newest Java here is 11, and 17 or newer is needed')
})
