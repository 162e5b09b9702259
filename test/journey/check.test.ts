/** @file `tunewise check` on a messy project: output, exit code, fixes, and files that it must not change. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallModel, tunewise } from "../support/small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-check-"));
const key = ["sk", "live", "9hQ2vK7mXwR4tL8pZs1NbF6cJd3Ye02k"].join("_");

const chat = (asked: string, answer: string, role = "assistant"): string =>
  JSON.stringify({
    messages: [
      { role: "user", content: asked },
      { role, content: answer },
    ],
  });
const words = "garden river window basket lantern meadow copper violin harbor pepper saddle timber".split(
  " ",
);
const clean = words.map((word, at) =>
  chat(`How is a ${word} kept dry in rain number ${at}?`, `Put the ${word} indoors.`),
);
const train = [
  ...clean,
  chat("Where does the night train to the coast leave?", "From platform nine."),
  chat("where does the night train to the COAST leave", "From platform nine."),
  chat("Which key opens the build server?", `It is ${key}, as ever.`),
  '{"messages": [{"role": "user", "content": "cut off',
  chat("Who wrote this?", "A stranger.", "wizard"),
  chat("What does the old clock tower chime at noon on Sundays?", "Twelve slow strokes."),
].join("\n");
const held = chat("What does the old clock tower chime, at noon on Sundays?", "Twelve slow strokes.");

const recipe = (data: string): string => `name: messy\nmodel: ${smallModel}\ndata: ${data}\n`;
const all = "{ train: train.jsonl, test: test.jsonl, split: { validation: 0 }, bad_rows: skip }";

beforeAll(() => {
  writeFileSync(join(folder, "train.jsonl"), train);
  writeFileSync(join(folder, "test.jsonl"), held);
  writeFileSync(join(folder, "tunewise.yaml"), recipe(all));
  writeFileSync(join(folder, "strict.yaml"), recipe(all.replace("skip", "error")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Told {
  readonly ok: boolean;
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
  readonly observations?: readonly { readonly evidence: readonly { readonly reason: string }[] }[];
  readonly memory: unknown;
}
const told = (...more: string[]): { readonly code: number | null; readonly document: Told } => {
  const { code, out } = tunewise(folder, ["check", ...more, "--json"]);
  return { code, document: JSON.parse(out) as Told };
};
const codes = ({ findings }: Told): string[] => findings.map(({ code }) => code);

describe("what is said", () => {
  test("an error ends with 2, and every fault is there, worst first", () => {
    const { code, document } = told();
    expect([code, document.ok]).toEqual([2, false]);
    const wanted = [
      "DATA_SECRET",
      "DATA_LEAK",
      "DATA_DUPLICATE_ROWS",
      "DATA_JSON_INVALID",
      "DATA_ROLE_UNKNOWN",
    ];
    expect(codes(document)).toEqual(expect.arrayContaining(wanted));
    expect(document.findings[0]?.severity).toBe("error");
    expect(document.memory).toEqual({ rows: 1, of: 1 });
  });

  test("with `bad_rows: error` a broken line is an error too", () => {
    const { findings } = told("strict.yaml").document;
    expect(findings.find(({ code }) => code === "DATA_JSON_INVALID")?.severity).toBe("error");
  });

  test("one finding, row by row: its reason, and no secret", () => {
    const { out, code } = tunewise(folder, ["check", "--show", "data_secret"]);
    expect(code).toBe(2);
    expect(out).toContain("train.jsonl:15");
    expect(out).toContain("sk_l…(");
    expect(out).not.toContain(key);
    for (const more of [["--format", "html"], ["--json"]]) {
      expect(tunewise(folder, ["check", ...more]).out).not.toContain(key);
    }
  });

  test("a code that was not found is said, with those that were", () => {
    expect(tunewise(folder, ["check", "--show", "DATA_LEAK_TIME"]).out).toContain("found: DATA_SECRET");
  });
});

describe("what is mended", () => {
  test("a copy without what was found; the originals stay, a second copy is refused", () => {
    const { code, out, err } = tunewise(folder, ["check", "--fix", "--into", "mended"]);
    expect(code, "no error is left in the copy").toBe(0);
    expect(out).toMatch(/removed:\n(.*\n)*\s+1 row {2}DATA_LEAK\n/);
    expect(out).toContain("left in the copy:");
    expect(out).toContain("mended/fixes.jsonl");
    expect(err).toContain("train: mended/train.jsonl");
    expect(readFileSync(join(folder, "train.jsonl"), "utf8")).toBe(train);
    expect(readFileSync(join(folder, "test.jsonl"), "utf8")).toBe(held);
    const log = readFileSync(join(folder, "mended/fixes.jsonl"), "utf8").trim().split("\n");
    const touched = log.map((line) => JSON.parse(line) as { line: number; action: string; code: string });
    expect(touched.map(({ line, action, code: why }) => [line, action, why])).toEqual([
      [14, "drop", "DATA_DUPLICATE_ROWS"],
      [15, "redact", "DATA_SECRET"],
      [16, "move", "DATA_JSON_INVALID"],
      [17, "move", "DATA_ROLE_UNKNOWN"],
      [18, "drop", "DATA_LEAK"],
    ]);
    expect(log.join("\n")).not.toContain(key);
    const before = readFileSync(join(folder, "mended/train.jsonl"), "utf8");
    const again = tunewise(folder, ["check", "--fix", "--into", "mended"]);
    expect(again.err).toContain("CHECK_TARGET_TAKEN");
    expect(readFileSync(join(folder, "mended/train.jsonl"), "utf8")).toBe(before);
  });

  test("the copy has none of what was mended, and passes", () => {
    writeFileSync(
      join(folder, "after.yaml"),
      recipe(all.replaceAll(/(train|test)\.jsonl/g, "mended/$1.jsonl")),
    );
    const { code, document } = told("after.yaml");
    expect([code, document.ok]).toEqual([0, true]);
    const mended = [
      "DATA_SECRET",
      "DATA_LEAK",
      "DATA_DUPLICATE_ROWS",
      "DATA_JSON_INVALID",
      "DATA_ROLE_UNKNOWN",
    ];
    expect(codes(document).filter((found) => mended.includes(found))).toEqual([]);
    expect(told("after.yaml", "--fail-on", "warning").code).toBe(
      document.findings.some((one) => one.severity === "warning") ? 2 : 0,
    );
  });
});

describe("files as they come", () => {
  test("a table of a spreadsheet: a mark at its start, semicolons, line ends of Windows", () => {
    const rows = words.map((word, at) => `"Where is the ${word}; no. ${at}?";shelf ${at}`).join("\r\n");
    writeFileSync(join(folder, "table.csv"), `\uFEFFfrage;antwort\r\n${rows}\r\n`);
    const data =
      "{ train: table.csv, split: { validation: 0, test: 0 }, columns: { prompt: frage, completion: antwort } }";
    writeFileSync(join(folder, "table.yaml"), recipe(data));
    const { code, document } = told("table.yaml");
    expect(code).toBe(0);
    expect(
      (document as unknown as { splits: { statistics: { rows: number } }[] }).splits[0]?.statistics.rows,
    ).toBe(12);
  });

  const nested = `{"messages":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const hostile: readonly [string, string | Buffer, RegExp][] = [
    ["empty", "", /DATA_[A-Z_]+/],
    [
      "bytes of a picture",
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 255, 254]),
      /DATA_[A-Z_]+/,
    ],
    ["NUL in the text", `${clean.join("\n")}\n${chat("a\u0000b", "c")}\n`, /DATA_TEXT_INVALID/],
    ["NUL between rows", `${clean.join("\n")}\n\u0000\u0000\n`, /DATA_JSON_INVALID/],
    ["deeply nested", `${clean.join("\n")}\n${nested}\n`, /DATA_[A-Z_]+/],
    [
      "a line of ten million characters",
      `${clean.join("\n")}\n${chat("x".repeat(1e7), "y")}\n`,
      /DATA_FIELD_TOO_LONG/,
    ],
    [
      "a broken line of twenty million",
      `${clean.join("\n")}\n${"x".repeat(2e7)}\n`,
      /DATA_(LINE_TOO_LONG|JSON_INVALID)/,
    ],
  ];
  test.each(hostile)("%s: told, and no bug of ours", (_, bytes, wanted) => {
    writeFileSync(join(folder, "odd.jsonl"), bytes);
    writeFileSync(
      join(folder, "odd.yaml"),
      recipe("{ train: odd.jsonl, split: { validation: 0, test: 0 }, bad_rows: skip }"),
    );
    const { code, out, err } = tunewise(folder, ["check", "odd.yaml"]);
    expect(out + err).toMatch(wanted);
    expect(out + err).not.toContain("Internal:");
    expect([0, 1, 2, 64]).toContain(code);
  });
});

test("where nothing can be written, that is said, and nothing is left behind", () => {
  writeFileSync(join(folder, "a-file"), "kept");
  for (const words of [
    ["--fix", "--into", "a-file/below"],
    ["-o", "a-file/page.html"],
    ["-o", "a-folder"],
  ]) {
    mkdirSync(join(folder, "a-folder"), { recursive: true });
    const { code, out, err } = tunewise(folder, ["check", "after.yaml", ...words]);
    expect([words, code]).toEqual([words, 1]);
    expect(out + err).not.toContain("Internal:");
  }
  expect(readFileSync(join(folder, "a-file"), "utf8")).toBe("kept");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a page never takes the place of the data it is about", () => {
  const { code, err } = tunewise(folder, ["check", "-o", "train.jsonl"]);
  expect([code, err]).toEqual([64, expect.stringContaining("CHECK_OUTPUT_IS_INPUT")]);
  expect(readFileSync(join(folder, "train.jsonl"), "utf8")).toBe(train);
});

test("the example's planted faults are found, each with its reason and its fix", () => {
  const { out } = tunewise(folder, [
    "check",
    resolve("examples/tickets/small.yaml"),
    "--json",
    "--show",
    "DATA_LEAK",
  ]);
  interface Row {
    readonly place: { readonly line: number };
    readonly other: { readonly line: number };
    readonly reason: string;
  }
  const { findings, observations } = JSON.parse(out) as {
    findings: { code: string; fix: string; detail: string; count: number; where: { line?: number }[] }[];
    observations: { evidence: Row[] }[];
  };
  const pairs = observations
    .flatMap(({ evidence }) => evidence)
    .map(({ place, other }) => [place.line, other.line]);
  expect(pairs.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([
    [4, 363],
    [15, 255],
    [19, 365],
    [41, 174],
    [62, 74],
    [66, 192],
  ]);
  const found = (code: string): (typeof findings)[number] | undefined =>
    findings.find((one) => one.code === code);
  expect(found("DATA_DUPLICATE_ROWS")).toMatchObject({ count: 10 });
  expect(found("DATA_ANSWERS_DIFFER")?.detail).toContain("train.jsonl:225");
  expect(found("DATA_JSON_INVALID")?.where[0]?.line).toBe(299);
  expect(found("DATA_ANSWER_EMPTY")?.where[0]?.line).toBe(366);
  for (const code of ["DATA_LEAK", "DATA_DUPLICATE_ROWS", "DATA_ANSWERS_DIFFER", "DATA_JSON_INVALID"]) {
    expect(found(code)?.fix).not.toBe("");
  }
});

test("a data file needs no recipe to be checked, and other commands name the way to one", () => {
  const { code, out, err } = tunewise(folder, ["check", "train.jsonl", "--model", smallModel]);
  expect(code).toBe(2);
  expect(out).toContain("DATA_JSON_INVALID");
  expect(err).toContain("tunewise init would write");
  expect(err).toMatch(/next: tunewise check train\.jsonl --/);
  const refused = tunewise(folder, ["plan", "train.jsonl"]);
  expect(refused.code).toBe(64);
  expect(refused.err).toContain("tunewise init train.jsonl");
});
