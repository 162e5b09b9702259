/** @file Locates files of this package, both from its sources and from its build. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);

/** Returns the absolute path of a file of this package, such as `data/general/text.jsonl`. */
export function packageFile(path: string): string {
  root ??= findRoot(dirname(here));
  return join(root, path);
}

/** Returns the absolute path of a program of this package: its source if sources run, else its build. */
export function packageProgram(
  name:
    | "main"
    | "supervisor"
    | "sql-reader"
    | "document-reader"
    | "record-writer"
    | "runtime-probe"
    | "worker",
): string {
  return packageFile(here.endsWith(".ts") ? `packages/tunewise/src/cli/${name}.ts` : `dist/cli/${name}.js`);
}

/** The version of this package, such as `0.1.0`. */
export function packageVersion(): string {
  const manifest = createRequire(here)(packageFile("package.json")) as { readonly version: string };
  return manifest.version;
}

let root: string | null = null;

/** Sources and build have different folder depths, so the root is searched for. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, "schema/tunewise.schema.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("Internal: this code stands in no package called tunewise");
  return findRoot(above);
}
