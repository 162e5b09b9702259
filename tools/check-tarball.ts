/**
 * @file Checks the package as users get it: `npm run build && npm run tarball`.
 *
 * Packs it and installs the tarball in an empty folder with an empty home folder. Then verifies that no install script
 * can contact another host, that the engine's runtime starts, and that the public types compile without `skipLibCheck`.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Dependencies whose install scripts only look for the prebuilt file that npm has installed beside them. Any other
 * install script fails this check. Review it before you add it here.
 */
const reviewedScripts: readonly RegExp[] = [/^@photostructure\/sqlite$/, /^koffi$/];

const folder = mkdtempSync(join(tmpdir(), "tunewise-tarball-"));
const consumer = join(folder, "consumer");
const home = join(folder, "home");
try {
  for (const path of [consumer, home]) mkdirSync(path);
  run("npm", ["pack", "--pack-destination", folder]);
  if (existsSync("native")) throw new Error("`npm pack` left the folder native/ behind");
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "type": "module", "private": true }');
  run("npm", ["install", "--no-audit", "--no-fund", join(folder, String(tarball))], consumer);
  checkInstallScripts();
  checkRuntime();
  checkTypes();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function checkInstallScripts(): void {
  const lock = readFileSync(join(consumer, "node_modules/.package-lock.json"), "utf8");
  const packages = JSON.parse(lock).packages as Record<string, { readonly hasInstallScript?: boolean }>;
  const names = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript);
  const found = names.map((path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  const unknown = found.filter((name) => !reviewedScripts.some((pattern) => pattern.test(name)));
  if (unknown.length > 0) throw new Error(`install scripts that nobody has reviewed: ${unknown.join(", ")}`);
  print(`${found.length} install scripts, all reviewed`);
}

/** Runs `doctor`, which starts the engine's runtime and tests a matrix product. */
function checkRuntime(): void {
  const text = run("npx", ["--no-install", "tunewise", "doctor"], consumer, [0, 1, 2]);
  const line = text.split("\n").find((one) => /^\w+ +runtime /.test(one)) ?? text;
  if (!line.startsWith("ok")) throw new Error(`the engine's runtime does not start once installed: ${line}`);
  print(line);
}

function checkTypes(): void {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly exports: object };
  const names = Object.keys(exports).filter((path) => !path.endsWith(".json"));
  const imports = names.map((path, index) => `import * as part${index} from "tunewise${path.slice(1)}";`);
  const all = `export const all: readonly object[] = [${names.map((_, index) => `part${index}`).join(", ")}];`;
  writeFileSync(join(consumer, "use.ts"), [...imports, all, ""].join("\n"));
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
  };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["use.ts"] }));
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const nodeTypes = `@types/node@${devDependencies["@types/node"]}`;
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", nodeTypes], consumer);
  run(process.execPath, [createRequire(import.meta.url).resolve("typescript/bin/tsc"), "-p", "."], consumer);
  print(`types of ${names.length} entry points compile without skipLibCheck`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a program with an empty home folder, and returns its output. */
function run(program: string, words: readonly string[], cwd = ".", allowed: readonly number[] = [0]): string {
  const env = { ...process.env, HOME: home, USERPROFILE: home, ONNXRUNTIME_NODE_INSTALL: undefined };
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8" });
  if (status !== null && allowed.includes(status)) return stdout;
  throw new Error(
    `${program} ${words.join(" ")} exited with ${status}:\n${stdout}\n${stderr}`.slice(0, 4000),
  );
}
