import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readImportedModules, readModules, readRooms, readSlices } from "./room-table.ts";
import { folderOf, root } from "./sources.ts";

const rooms = [...readRooms().values()];
const modules = readModules();
const imported = readImportedModules();
const packages = [...new Set([...modules.keys()].map((name) => name.split("/")[0] as string))];
const layers = [...new Set(rooms.map(({ layer }) => layer))];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("the import walls", () => {
  it("forbid exactly the pairs of rooms that the architecture page forbids, type imports counted", () => {
    const found = cruise(pairsOf(rooms.map(({ room }) => room)));
    const expected = pairs(rooms.map(({ room }) => room)).filter(([room, other]) => !mayImport(room, other));
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

  it("forbid exactly the pairs of modules, and of rooms and modules, that the page forbids", () => {
    const names = [...modules.keys()];
    const among = pairs(names);
    const above = rooms.flatMap(({ room }) => names.map((name): Pair => [room, name]));
    const below = names.flatMap((name) => rooms.map(({ room }): Pair => [name, room]));
    const found = cruise({
      ...Object.fromEntries(names.map((name) => [`${folderOf(name)}/index.ts`, word(name)])),
      ...Object.fromEntries(rooms.map(({ room }) => [`src/${room}/index.ts`, word(room)])),
      ...Object.fromEntries(
        among.map(([from, to]) => [
          `${folderOf(from)}/sees-${flat(to)}.ts`,
          sees(to, relative(folderOf(from), `${folderOf(to)}/index.ts`)),
        ]),
      ),
      ...Object.fromEntries(
        above.map(([from, to]) => [`src/${from}/sees-${flat(to)}.ts`, sees(to, `@tunewise/${to}`)]),
      ),
      ...Object.fromEntries(
        below.map(([from, to]) => [
          `${folderOf(from)}/sees-${to}.ts`,
          sees(to, relative(folderOf(from), `src/${to}/index.ts`)),
        ]),
      ),
    });
    const forbidden = among.filter(([from, to]) => !modules.get(from)?.uses.includes(to));
    expect(filesOf(found, /-imports-its-modules$/)).toEqual(
      forbidden.map(([from, to]) => `${folderOf(from)}/sees-${flat(to)}.ts`).sort(),
    );
    const hidden = above.filter(([room, name]) => !(imported.get(room) ?? names).includes(name));
    expect(filesOf(found, /-imports-its-packages$/)).toEqual(
      hidden.map(([room, name]) => `src/${room}/sees-${flat(name)}.ts`).sort(),
    );
    expect(filesOf(found, /-imports-nothing-of-src$/)).toEqual(
      below.map(([name, room]) => `${folderOf(name)}/sees-${room}.ts`).sort(),
    );
  });

  const cases = {
    "a room entered past its door": [
      "plan-by-its-door",
      "app/check/a",
      'import { b } from "../../plan/b.ts";\nb();\n',
    ],
    "the same for a type": ["plan-by-its-door", "app/check/b", 'import type { B } from "../../plan/b.ts";\n'],
    "the library going past a door": ["plan-by-its-door", "api/plan", 'export * from "../plan/b.ts";\n'],
    "a test going past a door": ["plan-by-its-door", "app/check/a.test", 'import "../../plan/b.ts";\n'],
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
    "a room nobody planned": ["known-rooms", "attic/a", 'import "../plan/index.ts";\n'],
    "a cycle in a package": ["no-cycles", "../packages/engine/src/c", 'import "./d.ts";\n'],
    "a development tool in a package": ["not-to-dev", "../packages/engine/src/dev", 'import "vitest";\n'],
    "a package's import of nothing": ["resolvable", "../packages/engine/src/gone", 'import "./none.ts";\n'],
    "a package in another room": [
      "catalog-imports-its-packages",
      "catalog/a",
      'import "@tunewise/engine";\n',
    ],
    "a package entered past its door": [
      "engine-by-its-door",
      "executors/a",
      'import "../../packages/engine/src/d.ts";\n',
    ],
    "a module entered past its door": [
      "core/math-by-its-door",
      "../packages/engine/src/e",
      'import "../../core/src/math/b.ts";\n',
    ],
    "a package's test that reaches into src": [
      "engine-imports-nothing-of-src",
      "../packages/engine/src/a.test",
      'import "../../../src/plan/index.ts";\n',
    ],
    "a slice nobody planned": ["known-slices", "app/attic/a", 'import "../../plan/index.ts";\n'],
    "a slice entered past its door": ["app/plan-by-its-door", "app/check/c", 'import "../plan/b.ts";\n'],
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
      "packages/tunewise/src/plan/b.test.ts": 'import { it } from "vitest";\nimport type { B } from "./b.ts";\n',
      "packages/tunewise/src/app/check/index.ts": 'import type { B } from "../../plan/index.ts";\nexport type F = B;\n',
      "src/index.ts": 'export * from "./app/check/index.ts";\n',
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

/** Rooms that import no other room than the catalog of errors. */
const alone = ["hub", "provision", "ask", "search"];

/** The page's rule: downward only, except that some rooms see less, and that the command line starts the server. */
function mayImport(room: string, other: string): boolean {
  if (alone.includes(room)) return other === "problem";
  if (room === "cli" && other === "server") return true;
  return layerOf(other) > layerOf(room);
}

function layerOf(room: string): number {
  return layers.indexOf(rooms.find((one) => one.room === room)?.layer ?? "");
}

type Pair = readonly [room: string, other: string];

function pairs(names: readonly string[]): Pair[] {
  return names.flatMap((room) => names.filter((other) => other !== room).map((other): Pair => [room, other]));
}

/** A tree in which each room imports a type of each other one. */
function pairsOf(names: readonly string[]): Record<string, string> {
  const doors = names.map((room) => [`src/${room}/index.ts`, `export interface ${typeName(room)} {}\n`]);
  const imports = pairs(names).map(([room, other]) => {
    const up = room.replace(/[^/]+/g, "..");
    return [
      plantedFile([room, other]),
      `import type { ${typeName(other)} } from "${up}/${other}/index.ts";\n`,
    ];
  });
  return Object.fromEntries([...doors, ...imports]);
}

/** A door with one type. */
function word(name: string): string {
  return `export interface ${typeName(name)} {}\n`;
}

/** An import of that type. */
function sees(name: string, door: string): string {
  return `import type { ${typeName(name)} } from "${door}";\n`;
}

function relative(folder: string, door: string): string {
  const path = posix.relative(folder, door);
  return path.startsWith(".") ? path : `./${path}`;
}

function flat(name: string): string {
  return name.replace("/", "-");
}

function plantedFile([room, other]: Pair): string {
  return `src/${room}/sees-${other.replace("/", "-")}.ts`;
}

function filesOf(found: ReturnType<typeof cruise>, rule: RegExp): string[] {
  return found
    .filter((one) => rule.test(one.rule))
    .map(({ from }) => from)
    .sort();
}

function typeName(room: string): string {
  return `Word${room.replaceAll(/(?:^|[/-])(.)/g, (_, letter: string) => letter.toUpperCase())}`;
}

/** Path of a planted file, as the tool reports it. */
function pathOf(name: string): string {
  return posix.join("src", `${name}.ts`);
}

function install(folder: string, name: string, target: string): void {
  mkdirSync(join(folder, "node_modules", dirname(name)), { recursive: true });
  symlinkSync(target, join(folder, "node_modules", name), "junction");
}

/** Runs the project's own rules over a planted tree. */
function cruise(files: Readonly<Record<string, string>>): { rule: string; from: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-walls-"));
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
    [program, "src", "packages", "--config", ".dependency-cruiser.cjs", "--output-type", "json"],
    { cwd: folder, encoding: "utf8", maxBuffer: 16 << 20 },
  );
  if (run.stdout === "") throw new Error(run.stderr);
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}
