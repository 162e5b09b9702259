import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readImportedModules, readLayers, readModules, readSlices } from "./module-table.ts";
import { folderOf, product, root } from "./sources.ts";

const layered = [...readLayers().values()];
const parts = layered.map(({ module }) => module);
const modules = readModules();
const imported = readImportedModules();
const packages = readdirSync(join(root, "packages"));
const layers = [...new Set(layered.map(({ layer }) => layer))];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("the import boundaries", () => {
  it("forbid exactly the pairs of modules that the architecture page forbids, type imports counted", () => {
    const found = cruise(pairsOf(parts));
    const expected = pairs(parts).filter(([from, to]) => !mayImport(from, to));
    expect(filesOf(found, /-imports-downward$/)).toEqual(expected.map(plantedFile).sort());
  });

  it("forbid exactly the pairs of slices that the page forbids", () => {
    const slices = readSlices();
    const found = cruise(pairsOf([...slices.keys()]));
    const expected = pairs([...slices.keys()]).filter(
      ([slice, other]) => !slices.get(slice)?.uses.includes(other),
    );
    expect(filesOf(found, /-imports-its-slices$/)).toEqual(expected.map(plantedFile).sort());
  });

  it("forbid exactly the pairs of modules across packages that the page forbids", () => {
    const names = [...modules.keys()];
    const among = pairs(names);
    const above = parts.flatMap((part) => names.map((name): Pair => [part, name]));
    const below = names.flatMap((name) => parts.map((part): Pair => [name, part]));
    const found = cruise({
      ...Object.fromEntries(names.map((name) => [`${folderOf(name)}/index.ts`, word(name)])),
      ...Object.fromEntries(parts.map((part) => [`${product}/${part}/index.ts`, word(part)])),
      ...Object.fromEntries(
        among.map(([from, to]) => [
          `${folderOf(from)}/sees-${flat(to)}.ts`,
          sees(to, relative(folderOf(from), `${folderOf(to)}/index.ts`)),
        ]),
      ),
      ...Object.fromEntries(
        above.map(([from, to]) => [`${product}/${from}/sees-${flat(to)}.ts`, sees(to, `@tunewise/${to}`)]),
      ),
      ...Object.fromEntries(
        below.map(([from, to]) => [
          `${folderOf(from)}/sees-${to}.ts`,
          sees(to, relative(folderOf(from), `${product}/${to}/index.ts`)),
        ]),
      ),
    });
    const forbidden = among.filter(([from, to]) => !modules.get(from)?.uses.includes(to));
    expect(filesOf(found, /-imports-its-modules$/)).toEqual(
      forbidden.map(([from, to]) => `${folderOf(from)}/sees-${flat(to)}.ts`).sort(),
    );
    const hidden = above.filter(([part, name]) => !(imported.get(part) ?? names).includes(name));
    expect(filesOf(found, /-imports-its-packages$/)).toEqual(
      hidden.map(([part, name]) => `${product}/${part}/sees-${flat(name)}.ts`).sort(),
    );
    expect(filesOf(found, /-imports-nothing-of-tunewise$/)).toEqual(
      below.map(([name, part]) => `${folderOf(name)}/sees-${part}.ts`).sort(),
    );
  });

  const cases = {
    "a module entered past its index": [
      "plan-entered-by-its-index",
      "app/check/a",
      'import { b } from "../../plan/b.ts";\nb();\n',
    ],
    "the same for a type": [
      "plan-entered-by-its-index",
      "app/check/b",
      'import type { B } from "../../plan/b.ts";\n',
    ],
    "the library going past an index": [
      "plan-entered-by-its-index",
      "api/plan",
      'export * from "../plan/b.ts";\n',
    ],
    "a test going past an index": [
      "plan-entered-by-its-index",
      "app/check/a.test",
      'import "../../plan/b.ts";\n',
    ],
    "a lazy import upward": [
      "plan-imports-downward",
      "plan/lazy",
      'await import("../app/check/index.ts");\n',
    ],
    "a type imported inline": [
      "plan-imports-downward",
      "plan/inline",
      'export type A = import("../app/check/index.ts").F;\n',
    ],
    "a cycle": ["no-cycles", "plan/c", 'import "./d.ts";\n'],
    "a cycle of types": ["no-cycles", "plan/e", 'import type { F } from "./f.ts";\nexport type E = F;\n'],
    "a development tool in the product": ["not-to-dev", "plan/dev", 'import "vitest";\n'],
    "an import of nothing": ["resolvable", "plan/nothing", 'import "./gone.ts";\n'],
    "a module that the page does not list": ["known-modules", "attic/a", 'import "../plan/index.ts";\n'],
    "a cycle in a package": ["no-cycles", "../../engine/src/c", 'import "./d.ts";\n'],
    "a development tool in a package": ["not-to-dev", "../../engine/src/dev", 'import "vitest";\n'],
    "a package's import of nothing": ["resolvable", "../../engine/src/gone", 'import "./none.ts";\n'],
    "a package that a module must not import": [
      "catalog-imports-its-packages",
      "catalog/a",
      'import "@tunewise/engine";\n',
    ],
    "a package entered past its index": [
      "engine-entered-by-its-index",
      "executors/a",
      'import "../../../engine/src/d.ts";\n',
    ],
    "a package's module entered past its index": [
      "core/math-entered-by-its-index",
      "../../engine/src/e",
      'import "../../core/src/math/b.ts";\n',
    ],
    "a package's test that reaches into tunewise": [
      "engine-imports-nothing-of-tunewise",
      "../../engine/src/a.test",
      'import "../../tunewise/src/plan/index.ts";\n',
    ],
    "a slice that the page does not list": ["known-slices", "app/attic/a", 'import "../../plan/index.ts";\n'],
    "a slice entered past its index": [
      "app/plan-entered-by-its-index",
      "app/check/c",
      'import "../plan/b.ts";\n',
    ],
    "a slice that another must not use": [
      "app/runs-imports-its-slices",
      "app/runs/a",
      'import "../check/index.ts";\n',
    ],
  } as const;
  const planted = Object.values(cases);

  it("catch each way around them, and nothing else", () => {
    const found = cruise({
      "packages/tunewise/src/plan/index.ts": "export const plan = 1;\n",
      "packages/tunewise/src/plan/b.ts": "export interface B {}\nexport function b(): void {}\n",
      "packages/tunewise/src/plan/d.ts": 'import "./c.ts";\n',
      "packages/tunewise/src/plan/f.ts": 'import type { E } from "./e.ts";\nexport type F = E;\n',
      "packages/tunewise/src/app/check/index.ts": "export interface F {}\nexport const check = 1;\n",
      "packages/tunewise/src/app/runs/index.ts": "export const runs = 1;\n",
      "packages/tunewise/src/app/plan/b.ts": "export const b = 1;\n",
      "packages/engine/src/index.ts": "export const engine = 1;\n",
      "packages/engine/src/d.ts": 'import "./c.ts";\n',
      "packages/core/src/math/b.ts": "export const b = 1;\n",
      ...Object.fromEntries(planted.map(([, path, text]) => [pathOf(path), text])),
    });
    const lines = found.map(({ rule, from }) => `${from}: ${rule}`);
    expect(lines.sort()).toEqual(planted.map(([rule, path]) => `${pathOf(path)}: ${rule}`).sort());
  });

  it("let a clean tree pass", () => {
    const found = cruise({
      "packages/tunewise/src/plan/index.ts": 'export * from "./b.ts";\n',
      "packages/tunewise/src/plan/b.ts": "export interface B {}\n",
      "packages/tunewise/src/plan/b.test.ts":
        'import { it } from "vitest";\nimport type { B } from "./b.ts";\n',
      "packages/tunewise/src/app/check/index.ts":
        'import type { B } from "../../plan/index.ts";\nexport type F = B;\n',
      "packages/tunewise/src/index.ts": 'export * from "./app/check/index.ts";\n',
      "packages/tunewise/src/prepare/index.ts": 'export { scan } from "@tunewise/datacheck/codescan";\n',
      "packages/datacheck/src/codescan/index.ts": 'export * from "./scan.ts";\n',
      "packages/datacheck/src/codescan/scan.ts":
        'import "@vscode/tree-sitter-wasm";\nexport const scan = 1;\n',
      "packages/datacheck/src/codescan/scan.test.ts":
        'import { it } from "vitest";\nimport { scan } from "./scan.ts";\n',
    });
    expect(found).toEqual([]);
  });
});

/** Modules that may import only the catalog of errors. */
const alone = ["hub", "provision", "ask", "search"];

/**
 * The rule of the architecture page: imports go only to lower layers. Exceptions: some modules may import less, and the
 * command line starts the server.
 */
function mayImport(from: string, to: string): boolean {
  if (alone.includes(from)) return to === "problem";
  if (from === "cli" && to === "server") return true;
  return layerOf(to) > layerOf(from);
}

function layerOf(module: string): number {
  return layers.indexOf(layered.find((one) => one.module === module)?.layer ?? "");
}

type Pair = readonly [from: string, to: string];

function pairs(names: readonly string[]): Pair[] {
  return names.flatMap((from) => names.filter((to) => to !== from).map((to): Pair => [from, to]));
}

/** A tree in which every module imports a type of every other module. */
function pairsOf(names: readonly string[]): Record<string, string> {
  const entries = names.map((name) => [`${product}/${name}/index.ts`, word(name)]);
  const imports = pairs(names).map(([from, to]) => {
    const up = from.replace(/[^/]+/g, "..");
    return [plantedFile([from, to]), sees(to, `${up}/${to}/index.ts`)];
  });
  return Object.fromEntries([...entries, ...imports]);
}

/** An entry point that exports one type. */
function word(name: string): string {
  return `export interface ${typeName(name)} {}\n`;
}

/** An import of the type that `word` exports. */
function sees(name: string, path: string): string {
  return `import type { ${typeName(name)} } from "${path}";\n`;
}

function relative(folder: string, target: string): string {
  const path = posix.relative(folder, target);
  return path.startsWith(".") ? path : `./${path}`;
}

function flat(name: string): string {
  return name.replace("/", "-");
}

function plantedFile([from, to]: Pair): string {
  return `${product}/${from}/sees-${flat(to)}.ts`;
}

function filesOf(found: ReturnType<typeof cruise>, rule: RegExp): string[] {
  return found
    .filter((one) => rule.test(one.rule))
    .map(({ from }) => from)
    .sort();
}

function typeName(module: string): string {
  return `Word${module.replaceAll(/(?:^|[/-])(.)/g, (_, letter: string) => letter.toUpperCase())}`;
}

/** Path of a planted file as the tool reports it. */
function pathOf(name: string): string {
  return posix.join(product, `${name}.ts`);
}

function install(folder: string, name: string, target: string): void {
  mkdirSync(join(folder, "node_modules", dirname(name)), { recursive: true });
  symlinkSync(target, join(folder, "node_modules", name), "junction");
}

/** Applies the project's own rules to a planted tree. */
function cruise(files: Readonly<Record<string, string>>): { rule: string; from: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-boundaries-"));
  folders.push(folder);
  const manifests = packages.map((name) => `packages/${name}/package.json`);
  for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json", ...manifests]) {
    cpSync(join(root, name), join(folder, name));
  }
  install(folder, "vitest", join(root, "node_modules/vitest"));
  install(folder, "@vscode/tree-sitter-wasm", join(root, "node_modules/@vscode/tree-sitter-wasm"));
  for (const name of packages) install(folder, `@tunewise/${name}`, join(folder, "packages", name));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const run = spawnSync(
    process.execPath,
    [program, "packages", "--config", ".dependency-cruiser.cjs", "--output-type", "json"],
    { cwd: folder, encoding: "utf8", maxBuffer: 16 << 20 },
  );
  if (run.stdout === "") throw new Error(run.stderr);
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}
