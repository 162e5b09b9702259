/**
 * @file Requirements of SARIF 2.1.0: mandatory properties, allowed words, 1-based lines, defined rules, and relative,
 * escaped URIs.
 *
 * @source OASIS SARIF 2.1.0, sections 3.4 (artifact location), 3.27 (result), 3.30 (region), 3.49 (rule)
 */

import { observe } from "@tunewise/datacheck";
import { expect, test } from "vitest";
import { findingOf } from "../../problem/index.ts";
import { sarifOf } from "./sarif.ts";
import type { DataCheck } from "./topics.ts";

interface Location {
  readonly physicalLocation: {
    artifactLocation: { uri: string };
    region?: { startLine: number; startColumn?: number };
  };
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { text: string };
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly (Location & { id: number })[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly columnKind: string;
    readonly results: readonly Result[];
  }[];
}

function logOf(count = 1): SarifLog {
  const about = { split: "test", other: "train", percent: "1", first: "" };
  const leaked = Array.from({ length: count }, (_, at) => ({
    place: { file: "data/my #1.jsonl", line: at + 1 },
    reason: "the prompt of train.jsonl:1",
    other: { file: "/elsewhere/a b.jsonl", line: 9 },
  }));
  const leak = observe("DATA_LEAK", "warning", about, leaked);
  const check: DataCheck = {
    name: "n",
    recipe: "recipes/tunewise.yaml",
    model: "m",
    origin: "o",
    dataFingerprint: "f",
    splits: [],
    trainOn: "all",
    reasoning: "train",
    padding: null,
    memory: null,
    stamps: new Map(),
    refused: [],
    excerpt: () => null,
    observations: [leak],
    findings: [
      leak.finding,
      findingOf("DATA_PAD_IS_END", "note", { id: 2 }, [], 1),
      findingOf(
        "DATA_JSON_INVALID",
        "error",
        { rows: "1 row", first: "x" },
        [{ file: "x", line: 3, column: 7 }],
        1,
      ),
    ],
  };
  return sarifOf(check, "1.2.3", { folder: "/home/recipes", root: "/home" }) as SarifLog;
}

test("each result names its rule by id and by index, a known level and a place", () => {
  const log = logOf();
  expect([log.version, log.runs.length]).toEqual(["2.1.0", 1]);
  const [run] = log.runs;
  expect(run?.tool.driver.name).toBe("tunewise");
  expect(["utf16CodeUnits", "unicodeCodePoints"]).toContain(run?.columnKind);
  const rules = run?.tool.driver.rules.map(({ id }) => id) ?? [];
  expect(new Set(rules).size).toBe(rules.length);
  for (const result of run?.results ?? []) {
    expect(rules[result.ruleIndex]).toBe(result.ruleId);
    expect(["none", "note", "warning", "error"]).toContain(result.level);
    expect(result.message.text).toMatch(/^[^\n]+$/);
    expect(result.message.text).not.toContain("..");
    expect(result.locations.length).toBe(1);
    for (const { physicalLocation } of [...result.locations, ...(result.relatedLocations ?? [])]) {
      const { uri } = physicalLocation.artifactLocation;
      expect(new URL(uri, "file:///home/").href.startsWith("file:///")).toBe(true);
      expect(uri).not.toMatch(/[\s#?\\]/);
      const { startLine = 1, startColumn = 1 } = physicalLocation.region ?? {};
      expect(Math.min(startLine, startColumn)).toBeGreaterThanOrEqual(1);
    }
  }
});

test("addresses start from where the user stands, or are whole", () => {
  const results = logOf().runs[0]?.results ?? [];
  const address = (location: Location | undefined): string | undefined =>
    location?.physicalLocation.artifactLocation.uri;
  expect(results.map(({ locations }) => address(locations[0]))).toEqual([
    "recipes/data/my%20%231.jsonl",
    "recipes/tunewise.yaml",
    "recipes/x",
  ]);
  expect(address(results[0]?.relatedLocations?.[0])).toBe("file:///elsewhere/a%20b.jsonl");
  expect(results[2]?.locations[0]?.physicalLocation.region).toEqual({ startLine: 3, startColumn: 7 });
});

test("a thousand rows of a finding are listed, the rest is counted, and each has its own fingerprint", () => {
  const results = logOf(1500).runs[0]?.results ?? [];
  expect(results.length).toBe(1003);
  expect(results[1000]?.message.text).toContain("500 more rows");
  expect(new Set(results.map(({ partialFingerprints }) => partialFingerprints["tunewise/v1"])).size).toBe(
    1003,
  );
});
