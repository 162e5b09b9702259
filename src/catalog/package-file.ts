/**
 * @file Files that come with this package, found from its sources and from its build alike.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);

/** The absolute path of a file of this package, such as `data/general/text.jsonl`. */
export function packageFile(path: string): string {
  root ??= findRoot(dirname(here));
  return join(root, path);
}

/** The absolute path of one of this package's programs: a source where sources run, else its build. */
export function packageProgram(
  name: "main" | "supervisor" | "sql-reader" | "document-reader" | "trial",
): string {
  return packageFile(here.endsWith(".ts") ? `src/cli/${name}.ts` : `dist/cli/${name}.js`);
}

let root: string | null = null;

/** The build puts code into other folders than the sources stand in, so the way up is not counted but looked for. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, "schema/tunewise.schema.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("Internal: this code stands in no package called tunewise");
  return findRoot(above);
}
