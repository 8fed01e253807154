import { expect, test } from 'vitest'
import { MavenProgress } from './maven-progress.ts'

/** As Maven 3.8 prints it to a pipe. */
const OUTPUT = `Downloading from central: https://repo.maven.apache.org/maven2/a.pom
Progress (1): 2.2 kB
                    \rDownloaded from central: https://repo.maven.apache.org/maven2/a.pom (2.2 kB at 9.6 kB/s)
Downloading from central: https://repo.maven.apache.org/maven2/a.jar
Progress (1): 0.5/6.3 MB\rProgress (2): 1.5/6.3 MB | 700 kB\r`

test('finished and running downloads add up', () => {
  const progress = new MavenProgress()
  progress.read(OUTPUT)
  expect(progress.bytes).toBe(2_200 + 1_500_000 + 700_000)
  progress.read(
    'Downloaded from central: https://repo.maven.apache.org/a.jar (6.3 MB at 2.1 MB/s)\n',
  )
  expect(progress.bytes).toBe(2_200 + 6_300_000)
})

test('the output may be cut anywhere', () => {
  const progress = new MavenProgress()
  for (const character of OUTPUT) progress.read(character)
  expect(progress.bytes).toBe(2_202_200)
})
