import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readRooms } from "./room-table.ts";
import { root } from "./sources.ts";

const rooms = [...readRooms().values()];
const layers = [...new Set(rooms.map(({ layer }) => layer))];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("the import walls", () => {
  it("forbid exactly the pairs of rooms that the architecture page forbids, type imports counted", () => {
    const files: Record<string, string> = {};
    for (const { room } of rooms) {
      files[`src/${room}/index.ts`] = `/** Word. */\nexport interface ${typeName(room)} {}\n`;
      for (const { room: other } of rooms) {
        if (other === room) continue;
        files[`src/${room}/sees-${other}.ts`] =
          `import type { ${typeName(other)} } from "../${other}/index.ts";\n`;
      }
    }
    files["packages/codescan/src/index.ts"] = "/** Word. */\nexport interface Found {}\n";
    for (const { room } of rooms) {
      files[`packages/codescan/src/sees-${room}.ts`] =
        `import type { ${typeName(room)} } from "../../../src/${room}/index.ts";\n`;
      files[`src/${room}/sees-codescan.ts`] = 'import type { Found } from "@tunewise/codescan";\n';
    }
    const found = cruise(files).filter(({ rule }) =>
      /-(imports-downward|imports-nothing-of-src|for-few-rooms)$/.test(rule),
    );
    const expected = rooms.flatMap(({ room }) =>
      rooms
        .filter(({ room: other }) => other !== room && !mayImport(room, other))
        .map(({ room: other }) => `src/${room}/sees-${other}.ts`),
    );
    const ofPackage = rooms.flatMap(({ room }) => [
      `packages/codescan/src/sees-${room}.ts`,
      ...(room === "inspect" ? [] : [`src/${room}/sees-codescan.ts`]),
    ]);
    expect(found.map(({ from }) => from).sort()).toEqual([...expected, ...ofPackage].sort());
  });

  const cases = {
    "a room entered past its door": [
      "plan-by-its-door",
      "src/flow/a",
      'import { b } from "../plan/b.ts";\nb();\n',
    ],
    "the same for a type": ["plan-by-its-door", "src/flow/b", 'import type { B } from "../plan/b.ts";\n'],
    "the library going past a door": ["plan-by-its-door", "src/index", 'export * from "./plan/b.ts";\n'],
    "a test going past a door": ["plan-by-its-door", "src/flow/a.test", 'import "../plan/b.ts";\n'],
    "a lazy import upward": ["plan-imports-downward", "src/plan/lazy", 'await import("../flow/index.ts");\n'],
    "a type imported inline": [
      "plan-imports-downward",
      "src/plan/inline",
      'export type A = import("../flow/index.ts").F;\n',
    ],
    "a cycle": ["no-cycles", "src/plan/c", 'import "./d.ts";\n'],
    "a cycle of types": ["no-cycles", "src/plan/e", 'import type { F } from "./f.ts";\nexport type E = F;\n'],
    "a cycle in a package": ["no-cycles", "packages/codescan/src/c", 'import "./d.ts";\n'],
    "a development tool in the product": ["not-to-dev", "src/plan/dev", 'import "vitest";\n'],
    "a development tool in a package": ["not-to-dev", "packages/codescan/src/dev", 'import "vitest";\n'],
    "an import of nothing": ["resolvable", "src/plan/nothing", 'import "./gone.ts";\n'],
    "a package's import of nothing": ["resolvable", "packages/codescan/src/nothing", 'import "./gone.ts";\n'],
    "a room nobody planned": ["known-rooms", "src/attic/a", 'import "../plan/index.ts";\n'],
    "a package in the library": [
      "codescan-for-few-rooms",
      "src/index",
      'export * from "@tunewise/codescan";\n',
    ],
    "a package entered past its door": [
      "codescan-by-its-door",
      "src/inspect/a",
      'import "../../packages/codescan/src/d.ts";\n',
    ],
    "a package's test that reaches into src": [
      "codescan-imports-nothing-of-src",
      "packages/codescan/src/a.test",
      'import "../../../src/plan/index.ts";\n',
    ],
  } as const;
  const planted = Object.values(cases);

  it("catch each way around them, and nothing else", () => {
    const files: Record<string, string> = {
      "src/plan/index.ts": "export const plan = 1;\n",
      "src/plan/b.ts": "export interface B {}\nexport function b(): void {}\n",
      "src/plan/d.ts": 'import "./c.ts";\n',
      "src/plan/f.ts": 'import type { E } from "./e.ts";\nexport type F = E;\n',
      "src/flow/index.ts": "export interface F {}\nexport const flow = 1;\n",
      "packages/codescan/src/index.ts": "export const scan = 1;\n",
      "packages/codescan/src/d.ts": 'import "./c.ts";\n',
    };
    for (const [, path, text] of planted) files[`${path}.ts`] = (files[`${path}.ts`] ?? "") + text;
    const lines = cruise(files).map(({ rule, from }) => `${from}: ${rule}`);
    expect(lines.sort()).toEqual(planted.map(([rule, path]) => `${path}.ts: ${rule}`).sort());
  });

  it("let a clean tree pass", () => {
    const found = cruise({
      "src/plan/index.ts": 'export * from "./b.ts";\n',
      "src/plan/b.ts": "export interface B {}\n",
      "src/plan/b.test.ts": 'import { it } from "vitest";\nimport type { B } from "./b.ts";\n',
      "src/flow/index.ts": 'import type { B } from "../plan/index.ts";\nexport type F = B;\n',
      "src/index.ts": 'export * from "./flow/index.ts";\n',
      "src/inspect/index.ts": 'export { scan } from "@tunewise/codescan";\n',
      "packages/codescan/src/index.ts": 'export * from "./scan.ts";\n',
      "packages/codescan/src/scan.ts": 'import "@ast-grep/napi";\nexport const scan = 1;\n',
      "packages/codescan/src/scan.test.ts":
        'import { it } from "vitest";\nimport { scan } from "./scan.ts";\n',
    });
    expect(found).toEqual([]);
  });
});

const words = ["quantity", "problem", "untrusted", "run"];
/** Rooms that see less than their layer would let them. */
const seesLess = new Map([
  ["ask", words],
  ["search", words],
  ["weights", [...words, "files", "dataset"]],
  ["hub", [...words, "files", "dataset", "weights"]],
  ["engine", [...words, "files", "dataset", "weights"]],
]);

/** The page's rule: downward only, except that some rooms see less, and ground rooms and faces have an order. */
function mayImport(room: string, other: string): boolean {
  const narrow = seesLess.get(room);
  if (narrow) return narrow.includes(other);
  if (room === "problem") return other === "quantity";
  if (room === "cli" && other === "server") return true;
  return layerOf(other) > layerOf(room);
}

function layerOf(room: string): number {
  return layers.indexOf(rooms.find((one) => one.room === room)?.layer ?? "");
}

function typeName(room: string): string {
  return `Word${room.charAt(0).toUpperCase()}${room.slice(1)}`;
}

/** Runs the project's own rules over a planted tree. */
function cruise(files: Readonly<Record<string, string>>): { rule: string; from: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-walls-"));
  folders.push(folder);
  const manifest = "packages/codescan/package.json";
  for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json", manifest]) {
    cpSync(join(root, name), join(folder, name));
  }
  const installed = ["vitest", "@ast-grep/napi"].map(
    (name) => [name, join(root, "node_modules", name)] as const,
  );
  for (const [name, target] of [
    ...installed,
    ["@tunewise/codescan", join(folder, dirname(manifest))] as const,
  ]) {
    mkdirSync(join(folder, "node_modules", dirname(name)), { recursive: true });
    symlinkSync(target, join(folder, "node_modules", name), "junction");
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const run = spawnSync(
    process.execPath,
    [program, "src", "packages", "--config", ".dependency-cruiser.cjs", "--output-type", "json"],
    { cwd: folder, encoding: "utf8" },
  );
  if (run.stdout === "") throw new Error(run.stderr);
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}
