/** `node tests/deploy/image-size.ts` prints what each image copies onto its base image, as JSON: on linux/amd64, in bytes. */
import { bytesOf, IMAGES, type ImageName, packageFiles, programFiles } from './image-files.ts'

const LARGEST = 5

const sizes = Object.keys(IMAGES).map((name) => [name, sizeOf(name as ImageName)])
process.stdout.write(`${JSON.stringify(Object.fromEntries(sizes), null, 2)}\n`)

function sizeOf(image: ImageName) {
  const program = programFiles()
  const packages = packageFiles(image)
  const [program_bytes, packages_bytes] = [bytesOf(program), bytesOf(packages)]
  return {
    bytes: program_bytes + packages_bytes,
    files: program.length + packages.length,
    program_bytes,
    packages_bytes,
    largest_packages: largest(packages),
  }
}

function largest(files: readonly string[]): Readonly<Record<string, number>> {
  const byPackage = Map.groupBy(files, (path) => /node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
  const sized = [...byPackage].map(([name, paths]) => [name ?? '', bytesOf(paths)] as const)
  const first = sized.sort(([, a], [, b]) => b - a).slice(0, LARGEST)
  return Object.fromEntries<number>(first)
}
