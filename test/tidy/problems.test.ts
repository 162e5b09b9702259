import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { problemCodes, problemKind } from "../../packages/tunewise/src/problem/index.ts";
import { lineOf, readSources, type Source, sourceFrom, walk } from "./sources.ts";

const codes = problemCodes();
const product = readSources().filter(
  ({ path, isProduct }) =>
    isProduct && !/^packages\/tunewise\/src\/problem\/catalog\/|-problems\.ts$/.test(path),
);
/** Problem codes in the worker's Python code and in its tests. */
const worker = codesIn("worker/tunewise_worker");
const workerTests = codesIn("worker/tests");
const tests = readSources().filter(({ path, isTest }) => isTest && !path.startsWith("test/tidy/"));

describe("problem codes", () => {
  it("are all in the catalog where they are thrown", () => {
    const unknown = product.flatMap(throwsOf).filter(({ code }) => problemKind(code) === undefined);
    expect(unknown).toEqual([]);
  });

  it("are all in the catalog where a finding carries them, so that `explain` knows them", () => {
    const unknown = product.flatMap(findingsOf).filter(({ code }) => problemKind(code) === undefined);
    expect(unknown).toEqual([]);
  });

  it("are all used by the product", () => {
    const used = new Set([...product.flatMap(wordsOf), ...worker]);
    expect(codes.filter((code) => !used.has(code))).toEqual([]);
  });

  it("are all expected by a test", () => {
    const tested = new Set([...tests.flatMap(wordsOf), ...workerTests]);
    expect(codes.filter((code) => !tested.has(code))).toEqual([]);
  });

  it("of the worker are in the catalog", () => {
    expect(worker.length).toBeGreaterThan(2);
    expect(worker.filter((code) => problemKind(code) === undefined)).toEqual([]);
  });

  it("are given every value their sentences name", () => {
    const short = product.flatMap(throwsOf).flatMap(({ code, place, given }) => {
      const kind = problemKind(code);
      if (kind === undefined || given === null) return [];
      const missing = placeholdersOf(`${kind.message} ${kind.fix}`).filter((name) => !given.includes(name));
      return missing.length > 0 ? [`${place}: ${code} lacks ${missing.join(", ")}`] : [];
    });
    expect(short).toEqual([]);
  });
});

describe("the reading of throws and findings", () => {
  const cases: [text: string, code: string, given: string[] | null][] = [
    ['throw problem("A_B");', "A_B", []],
    ['throw problem("A_B", { path, count: 3 }, { cause });', "A_B", ["path", "count"]],
    ['const e = problem("A_B", { ...about });', "A_B", null],
    ['return problem("A_B", about);', "A_B", null],
  ];
  it.each(cases)("understands %s", (text, code, given) => {
    expect(throwsOf(sourceFrom("packages/tunewise/src/plan/a.ts", text))).toEqual([
      { code, place: "packages/tunewise/src/plan/a.ts:1", given },
    ]);
  });

  it("understands a finding", () => {
    const source = sourceFrom(
      "packages/tunewise/src/plan/a.ts",
      'const a = { code: "A_B", severity: "note" };',
    );
    expect(findingsOf(source)).toEqual([
      { code: "A_B", place: "packages/tunewise/src/plan/a.ts:1", given: null },
    ]);
    expect(findingsOf(sourceFrom("packages/tunewise/src/plan/a.ts", 'const a = { code: "nl" };'))).toEqual(
      [],
    );
  });

  it("finds every placeholder", () => {
    expect(placeholdersOf("{path}:{line} is not {what}, {path}")).toEqual(["path", "line", "what"]);
  });
});

interface Thrown {
  readonly code: string;
  readonly place: string;
  /** Names of the parameters passed; `null` if they cannot be read from the source. */
  readonly given: readonly string[] | null;
}

function throwsOf(source: Source): Thrown[] {
  const found: Thrown[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "problem") continue;
    const [code, about] = node.arguments;
    if (code === undefined || !ts.isStringLiteral(code)) continue;
    found.push({ code: code.text, place: `${source.path}:${lineOf(source, node)}`, given: namesIn(about) });
  }
  return found;
}

/** Objects with an upper-snake `code`. */
function findingsOf(source: Source): Thrown[] {
  const found: Thrown[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== "code") continue;
    const value = node.initializer;
    if (!ts.isStringLiteral(value) || !/^[A-Z]+(_[A-Z0-9]+)+$/.test(value.text)) continue;
    found.push({ code: value.text, place: `${source.path}:${lineOf(source, node)}`, given: null });
  }
  return found;
}

function namesIn(about: ts.Expression | undefined): string[] | null {
  if (about === undefined) return [];
  if (!ts.isObjectLiteralExpression(about)) return null;
  const names = about.properties.map((property) => property.name?.getText().replaceAll('"', ""));
  return names.every((name) => name !== undefined) ? names : null;
}

function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""))];
}

/** Upper-snake words in a source: codes thrown, named in findings, expected by tests. */
function wordsOf(source: Source): string[] {
  return source.text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
}

/** Problem codes in the Python files of a folder. */
function codesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".py"),
  );
  const named = files.flatMap((name) => [
    ...readFileSync(join(folder, name), "utf8").matchAll(
      /(?:Problem\(\s*|Problem, match=|\.code == |"code"\] == )"([A-Z]+(?:_[A-Z]+)+)"/g,
    ),
  ]);
  return [...new Set(named.map(([, code]) => code ?? ""))];
}
