/**
 * "How to add" in CONTRIBUTING.md holds: one addition of each kind, made in memory by the entry's files, compiles and
 * works, and the compiler or a test reports each of these files if it is left out. No other place needs a change.
 */
import { existsSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { openScanner } from "../../packages/datacheck/src/codescan/scan.ts";
import { token } from "../../packages/datacheck/src/secrets/rule.ts";
import { secretRules } from "../../packages/datacheck/src/secrets/rules/all.ts";
import { scanText } from "../../packages/datacheck/src/secrets/scan.ts";
import { prefilterOf } from "../../packages/datacheck/src/secrets/secret-matches.ts";
import { describeRoutes } from "../../packages/tracker/src/http/openapi.ts";
import type { Protocol, Route } from "../../packages/tracker/src/http/route.ts";
import { createRouter } from "../../packages/tracker/src/http/router.ts";
import type { Flag } from "../../packages/tunewise/src/cli/command.ts";
import { findCommand } from "../../packages/tunewise/src/cli/commands.ts";
import { commandText } from "../../packages/tunewise/src/cli/help.ts";
import { parseCommandLine } from "../../packages/tunewise/src/cli/parse.ts";
import { paint } from "../../packages/tunewise/src/cli/render/paint.ts";
import {
  errorShape,
  invalidBody,
  refuse,
} from "../../packages/tunewise/src/server/tracking/tunewise/refuse.ts";
import { parseCases } from "../support/scanner-cases.ts";
import { type Addition, additions, type Edit, exampleCases } from "./how-to-add/additions.ts";
import { type CompileError, Compiler } from "./how-to-add/compile.ts";
import { readEntries } from "./how-to-add/entries.ts";
import { findOmissions } from "./how-to-add/omissions.ts";
import { explained, findRepetitions } from "./how-to-add/repetitions.ts";
import { listFiles, readText } from "./sources.ts";

const entries = readEntries();
const paths = listFiles("packages");
const products = paths.filter((path) => /\/src\/.*(?<!\.test|\.runtime)\.tsx?$/.test(path));
const kinds = additions.map((addition) => [addition.kind, addition] as const);
const maxFiles = 4;

/** The edited texts by path. Each edited place occurs once in its file. */
function edited(edits: readonly Edit[], created: Addition["created"] = {}): Map<string, string> {
  const texts = new Map(Object.entries(created));
  for (const { file, at, by } of edits) {
    const text = texts.get(file) ?? readText(file);
    expect(text.split(at), `${file}: ${at}`).toHaveLength(2);
    texts.set(
      file,
      text.replace(at, () => by),
    );
  }
  return texts;
}

function wholeOf({ naming, rest, created }: Addition): Map<string, string> {
  return edited([...naming, ...rest], created);
}

/** The entry's paths with the addition's names. */
function filesOf({ kind, name, places = {} }: Addition): string[] {
  const entry = entries.find((one) => one.kind === kind);
  const names = Object.entries({ ...places, NAME: name });
  return (entry?.files ?? []).map((file) =>
    names.reduce((path, [word, by]) => path.replace(new RegExp(`\\b${word}\\b`), by), file),
  );
}

function omissionsOf(texts: ReadonlyMap<string, string>): ReturnType<typeof findOmissions> {
  return findOmissions({
    paths: [...new Set([...paths, ...texts.keys()])],
    read: (path) => texts.get(path) ?? readText(path),
  });
}

const compiler = new Compiler();
afterAll(() => compiler.close()); // test files share a process
const words = additions.flatMap((addition) => addition.words);
let named: readonly CompileError[] | undefined;

/** Errors of the compiler if sets of names are extended and nothing else is done. All additions at once, to save time. */
function errorsOfNames(): readonly CompileError[] {
  named ??= compiler.errors(edited(additions.flatMap(({ naming }) => naming)), words);
  return named;
}

test("each kind of addition has an entry of at most eight lines, with search words and a test", () => {
  expect(entries.map(({ kind }) => kind)).toEqual(kinds.map(([kind]) => kind));
  for (const { kind, lines, files, search, test: extended } of entries) {
    expect(lines.length, kind).toBeLessThanOrEqual(8);
    expect(files.length, kind).toBeGreaterThan(0);
    expect(files.length, kind).toBeLessThanOrEqual(maxFiles);
    expect(search, kind).not.toBe("");
    expect(existsSync(extended), extended).toBe(true);
  }
});

test.each(kinds)("%s: the entry names exactly the files that the addition changes", (_, addition) => {
  expect([...wholeOf(addition).keys()].sort()).toEqual(filesOf(addition).sort());
});

test.each(kinds)("%s: a search finds the places, or a file that names them", (kind, addition) => {
  const entry = entries.find((one) => one.kind === kind);
  const search = entry?.search.toLowerCase() ?? "";
  const hits = products.filter((path) =>
    readText(path)
      .toLowerCase()
      .replace(/\s+(\* )?/g, " ")
      .includes(search),
  );
  expect(hits.length, hits.join()).toBeGreaterThan(0);
  expect(hits.length, hits.join()).toBeLessThanOrEqual(3);
  for (const [at, file] of filesOf(addition).entries()) {
    if (!existsSync(file) || hits.includes(file)) continue;
    // by its own name, or by the entry's path with the words in capitals
    const names = [file.split("/").at(-1) ?? "", entry?.files[at] ?? ""];
    expect(
      hits.some((path) => names.some((name) => readText(path).includes(name))),
      `${hits.join()} name ${names[0]}`,
    ).toBe(true);
  }
});

test("the repository has no omissions", () => {
  expect(omissionsOf(new Map())).toEqual([]);
});

test("no file beyond the entries lists the names of a set, except for a stated reason", () => {
  const worker = listFiles("worker/tunewise_worker").filter((path) => path.endsWith(".py"));
  const found = findRepetitions([...products, ...listFiles("web/src"), ...worker], readText);
  const files = new Map(additions.map((addition) => [addition.kind, filesOf(addition)]));
  const others = found.filter(({ kind, path }) => !files.get(kind)?.includes(path)).map(({ path }) => path);
  expect([...new Set(others)].sort()).toEqual(Object.keys(explained).sort());
});

describe("what is left out is reported", () => {
  test("by the compiler only for additions, each by name", () => {
    const names = additions.filter(({ naming }) => naming.length > 0).map(({ name }) => name);
    expect(errorsOfNames().filter(({ text }) => !names.some((name) => text.includes(`'${name}'`)))).toEqual(
      [],
    );
  }, 60_000);

  test.each(kinds)("%s", (kind, addition) => {
    const { naming, rest, created = {}, name } = addition;
    const files = filesOf(addition);
    const byCompiler = new Set(
      naming.length === 0
        ? []
        : errorsOfNames().flatMap(({ path, text }) => (text.includes(`'${name}'`) ? [path] : [])),
    );
    // no place needs a row that the entry does not name
    expect([...byCompiler].filter((path) => !files.includes(path))).toEqual([]);
    // a single edit cannot be left out in part, and the name of a set is the addition itself
    const begun = new Set([...naming.map(({ file }) => file), ...Object.keys(created), files[0]]);
    for (const file of files.filter((path) => !begun.has(path) && !byCompiler.has(path))) {
      const partial = edited(
        [...naming, ...rest].filter((edit) => edit.file !== file),
        created,
      );
      const reported = omissionsOf(partial).filter((one) => file.startsWith(one.file) && one.name === name);
      expect(reported, `${kind} without ${file}`).toHaveLength(1);
    }
  });
});

test("all additions together compile, and nothing is omitted", () => {
  const texts = edited(
    additions.flatMap(({ naming, rest }) => [...naming, ...rest]),
    Object.assign({}, ...additions.map(({ created }) => created)),
  );
  expect(compiler.errors(texts, words)).toEqual([]);
  expect(omissionsOf(texts)).toEqual([]);
}, 60_000);

describe("an added row works at run time", () => {
  test("secret kind: found and named, and unknown before", () => {
    const text = `key: ${["exmpl", "Zk3vR8qLw2Tn6Yb9Xc4Hd7Mf"].join("_")}`;
    const rule = token("example", "Example key", "exmpl_<base62:24>");
    const found = (rules: typeof secretRules): string[] =>
      scanText(text, 10, false, prefilterOf(rules)).map((match) => match.rule);
    expect(found(secretRules)).not.toContain("example");
    expect(found([...secretRules, rule])).toEqual(["example"]);
  });

  test("scanner rule: its vulnerable case is found, its safe one is not", async () => {
    const rule = {
      id: "python/example",
      cwe: 676,
      title: "Example",
      severity: "low",
      why: "It is an example.",
      fix: "Remove it",
      literals: ["example_danger"],
      match: [{ call: ["example_danger"] }],
    } as const;
    const cases = parseCases(exampleCases, "data.md").get(rule.id);
    const scanner = await openScanner({ rules: [rule] });
    const found = (text: string): string[] => scanner.scanCode(text, "python").map((one) => one.rule);
    expect(cases?.found.flatMap(found)).toEqual(["python/example"]);
    expect(cases?.notFound.flatMap(found)).toEqual([]);
  });

  test("route: found by its path, and described", async () => {
    const route: Route = {
      method: "GET",
      path: "/api/tunewise/v1/clock",
      policy: "open",
      about: "nothing",
      maxBodyBytes: 0,
      summary: "Get the server's time.",
      handle: async () => ({ status: 200, body: { ms: 5 } }),
    };
    const protocol: Protocol = {
      name: "p",
      about: "",
      routes: [route],
      refuse,
      invalid: invalidBody,
      error: errorShape,
    };
    const found = createRouter([protocol])("GET", route.path);
    expect(found).toMatchObject({ route: { summary: route.summary } });
    expect(JSON.stringify(describeRoutes([protocol], "0"))).toContain(route.summary);
    expect(() => createRouter([{ ...protocol, routes: [{ ...route, about: "x" as "nothing" }] }])).toThrow(
      "Internal",
    );
  });

  test("CLI flag: parsed and shown by help, and refused before", () => {
    const command = findCommand("prices list") as { flags: readonly Flag[] } & NonNullable<
      ReturnType<typeof findCommand>
    >;
    const { flags } = command;
    const line = ["prices", "list", "--cheapest", "3"];
    expect(() => parseCommandLine(line)).toThrow("--cheapest");
    try {
      command.flags = [
        ...flags,
        { name: "cheapest", value: "COUNT", kind: "whole", summary: "only the cheapest" },
      ];
      const parsed = parseCommandLine(line);
      expect(parsed.wants === "run" && parsed.call.flags.get("cheapest")).toBe(3);
      expect(commandText(command, paint(false), 80)).toContain("--cheapest COUNT");
    } finally {
      command.flags = flags;
    }
  });
});
