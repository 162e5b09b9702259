/**
 * @file Builds the package into `dist`: few files of code, the types beside them, and the page.
 *
 * Hundreds of small modules took longer to load than to run; bundled, `tunewise serve` answers in half the time. The
 * workspaces are not published, so their types go to `dist/NAME` and are imported by their path there.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { buildCode } from "./build-code.ts";
import { buildWeb } from "./build-web.ts";

/** The workspaces in order of dependency. */
const workspaces = ["core", "engine", "datacheck", "tracker", "tunewise"];

await buildCode();
await buildWeb();
const projects = workspaces.map((name) => `packages/${name}/tsconfig.build.json`);
process.exitCode = projects.map(writeTypes).find((code) => code !== 0) ?? 0;
nameByPath();

/** Writes the types without checking them, in a third of the time (`npm run types` checks). Returns the exit code. */
function writeTypes(project: string): number {
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const types = ["-p", project, "--emitDeclarationOnly", "--noCheck"];
  return spawnSync(process.execPath, [compiler, ...types], { stdio: "inherit" }).status ?? 1;
}

/** Replaces workspace module names in the types in `dist` by relative paths. */
function nameByPath(): void {
  for (const name of readdirSync("dist", { encoding: "utf8", recursive: true })) {
    const path = join("dist", name);
    if (!path.endsWith(".d.ts")) continue;
    const text = readFileSync(path, "utf8");
    const named = text.replaceAll(/"@tunewise\/([a-z/]+)"/g, (_, module: string) => {
      const way = relative(dirname(path), `dist/${module}/index.js`).replaceAll("\\", "/");
      return `"${way.startsWith(".") ? way : `./${way}`}"`;
    });
    if (named !== text) writeFileSync(path, named);
  }
}
