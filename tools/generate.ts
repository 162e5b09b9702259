/**
 * @file Writes every generated file of the repository, or with `--check` lists the stale ones.
 *
 * A generator is a file `tools/generate-*.ts` that exports `target` (path of a file or folder, relative to the root)
 * and `generate()`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The exports of a generator. */
export interface Generator {
  /** Path from the root of the repository. */
  readonly target: string;
  /** The text of the file, or the texts of the folder's files by name; deterministic for the same sources. */
  generate(): Generated | Promise<Generated>;
}

type Generated = string | ReadonlyMap<string, string>;

/** Every generator in `tools/`, by file name. */
export async function readGenerators(): Promise<Map<string, Generator>> {
  const found = new Map<string, Generator>();
  for (const name of readdirSync(import.meta.dirname).sort()) {
    if (!/^generate-[a-z0-9-]+\.ts$/.test(name)) continue;
    found.set(name, (await import(new URL(name, import.meta.url).href)) as Generator);
  }
  return found;
}

/** Files whose current text differs from their generator's output. */
export async function findStale(generators: ReadonlyMap<string, Generator>): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, generator] of generators) {
    const files = await filesOf(generator);
    const paths = new Set([...files.keys(), ...filesBelow(generator.target)]);
    for (const path of [...paths].sort()) {
      if (readIfThere(path) !== files.get(path)) stale.push(`${path} (tools/${name})`);
    }
  }
  return stale;
}

/** Texts by path relative to the root. */
async function filesOf({ target, generate }: Generator): Promise<ReadonlyMap<string, string>> {
  const made = await generate();
  if (typeof made === "string") return new Map([[target, made]]);
  return new Map([...made].map(([name, text]) => [join(target, name), text]));
}

/** Files of a folder; empty if the path is not a folder. */
function filesBelow(target: string): string[] {
  try {
    return readdirSync(target).map((name) => join(target, name));
  } catch {
    return [];
  }
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
  for (const generator of generators.values()) {
    const files = await filesOf(generator);
    for (const path of filesBelow(generator.target)) if (!files.has(path)) rmSync(path);
    for (const [path, text] of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(process.argv.includes("--check"));
}
