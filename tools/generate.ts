/**
 * @file Writes every generated file of the repository, or with `--check` says which ones are stale.
 *
 * A generator is a file `tools/generate-*.ts` that exports `target` (path from the root) and `generate()`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** What a generator exports. */
export interface Generator {
  /** Path from the root of the repository. */
  readonly target: string;
  /** The whole text of the file; the same each time for the same sources. */
  generate(): string | Promise<string>;
}

/** Every generator in `tools/`, by file name. */
export async function readGenerators(): Promise<Map<string, Generator>> {
  const found = new Map<string, Generator>();
  for (const name of readdirSync(import.meta.dirname).sort()) {
    if (!/^generate-[a-z0-9-]+\.ts$/.test(name)) continue;
    found.set(name, (await import(new URL(name, import.meta.url).href)) as Generator);
  }
  return found;
}

/** Targets whose committed text is not what their generator makes now. */
export async function findStale(generators: ReadonlyMap<string, Generator>): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, generator] of generators) {
    if (readIfThere(generator.target) !== (await generator.generate())) {
      stale.push(`${generator.target} (tools/${name})`);
    }
  }
  return stale;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

async function main(check: boolean): Promise<void> {
  const generators = await readGenerators();
  if (check) {
    const stale = await findStale(generators);
    for (const line of stale) process.stderr.write(`stale: ${line}; run \`npm run generate\`\n`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const { target, generate } of generators.values()) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, await generate());
    process.stdout.write(`wrote ${target}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(process.argv.includes("--check"));
}
