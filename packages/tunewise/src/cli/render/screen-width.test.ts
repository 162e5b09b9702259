/**
 * @file Tests the screens of `run`, `plan` and `check` for the demo's data: number of lines above the question, the
 * plan's table directly above it, one line per code, and nothing wider than the terminal.
 */

import { seconds, usd } from "@tunewise/core/quantity";
import { beforeAll, describe, expect, test } from "vitest";
import { checkData } from "../../app/check/index.ts";
import { type PlannedRecipe, planRecipe } from "../../app/plan/index.ts";
import { packageFile } from "../../catalog/index.ts";
import { loadRecipe } from "../../prepare/index.ts";
import { findingOf, problem } from "../../problem/index.ts";
import { type DataCheck, topicsOf } from "../../report/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { checkText, topicsText } from "./check.ts";
import { paint } from "./paint.ts";
import { planCard } from "./plan/card.ts";
import { runScreen } from "./plan/run-screen.ts";
import { errorText, findingsText } from "./problem.ts";
import { width } from "./table.ts";

const none = paint(false);
/** Maximum lines above the question. Old terminals have 24 lines, current ones 40 or more. */
const maxLines = 30;
const widths = [60, 80, 100] as const;

let planned: PlannedRecipe;
let check: DataCheck;

beforeAll(async () => {
  const runtime = createRuntime(packageFile("."), new AbortController().signal, "test");
  const loaded = await loadRecipe("examples/tickets/small.yaml", runtime);
  planned = await planRecipe(loaded, runtime, undefined, { isRough: true });
  check = await checkData(loaded, runtime);
}, 90_000); // generous, so that the test does not fail on a busy machine

const worst = {
  capUsd: usd(12),
  leaseUsd: usd(0.5),
  leaseSeconds: seconds(600),
  usdPerHour: usd(3),
};
const screen = (columns: number, refusals = [] as ReturnType<typeof findingOf>[]): string =>
  runScreen(
    { ...planned, refusals, recipe: " examples/tickets/small.yaml", by: "torch", worst },
    none,
    columns,
  );

test("the worst case on another machine is said in dollars", () => {
  const text = screen(200);
  expect(text).toContain(
    "$12.50, the cap of $12.00 and one lease of 10 min at $3.00 an hour, even if this computer",
  );
});

test("what stands above the question of a run fits a screen, the plan's table last", () => {
  const lines = screen(100).split("\n");
  expect(lines.length).toBeLessThanOrEqual(maxLines);
  const last = lines.slice(lines.lastIndexOf("") + 1);
  expect(last[0]).toMatch(/where +fits/);
  expect(last.some((line) => line.includes("this machine"))).toBe(true);
});

test("each code has one line over all parts of the data, and one command shows them", () => {
  const [counted = ""] = screen(100).split("\n\n");
  const codes = counted.split("\n").flatMap((line) => /^(?:warning|error) ([A-Z_]+):/.exec(line)?.[1] ?? []);
  expect(codes.length).toBeGreaterThan(4);
  expect(new Set(codes).size).toBe(codes.length);
  expect(counted).toContain("tunewise check examples/tickets/small.yaml shows the rows");
});

test("labels below the check's table begin with a capital, like each other", () => {
  const [, , ...below] = checkText(check, 200).split("\n\n");
  const labels = below.map((text) => text.slice(0, text.indexOf(":")));
  expect(labels).toEqual(["Padding a batch would carry elsewhere", "Leakage"]);
});

test("what blocks comes first and in full", () => {
  const blocker = findingOf(
    "DATA_JSON_INVALID",
    "error",
    { rows: "3 rows", first: "a.jsonl:7: x" },
    [{ file: "a.jsonl", line: 7 }],
    3,
  );
  const text = screen(100, [blocker]);
  expect(text.startsWith("error DATA_JSON_INVALID: 3 rows cannot be parsed; first a.jsonl:7: x\n")).toBe(
    true,
  );
  expect(text.indexOf("fix: Write one JSON object per line")).toBeLessThan(text.indexOf("model "));
});

/** Lines that are too wide although they could be wrapped, unlike a command to paste or a single word. */
function tooWide(text: string, columns: number): string[] {
  return text
    .split("\n")
    .filter((line) => width(line) > columns)
    .filter((line) => !/fix: (?:tunewise|npm|node) |^\s*tunewise /.test(line))
    .filter((line) => line.trim().includes(" "));
}

describe.each(widths)("in %i columns", (columns) => {
  test.each<[string, () => string]>([
    ["the screen of run", () => screen(columns)],
    ["the plan", () => planCard(planned.plan, "few", columns)],
    ["the plan with all places", () => planCard(planned.plan, "all", columns)],
    ["the check's table", () => checkText(check, columns)],
    ["the check's findings", () => topicsText(topicsOf(check), none, columns)],
    ["findings", () => findingsText(planned.findings, none, columns)],
    [
      "an error",
      () =>
        errorText(
          problem("DATA_PREFERENCE_PAIRS", {
            file: "a.jsonl",
            chosen: "chosen",
            rejected: "rejected",
            fix: "write below data: columns: { prompt: prompt, completion: chosen }",
          }),
          none,
          { command: "check", version: "1" },
          columns,
        ),
    ],
  ])("%s breaks between words and is not wider", (_, text) => {
    expect(tooWide(text(), columns)).toEqual([]);
  });
});
