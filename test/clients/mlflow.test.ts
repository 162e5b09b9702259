/** Typical user scripts with MLflow's own Python client, latest and 2.x releases, against our server. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { bucketServer, motoPython } from "../support/bucket-server.ts";
import { serveTest } from "../support/tracking-server.ts";

/** Python interpreters with `mlflow` and `pandas`, by MLflow release line. */
const pythons: readonly (readonly [line: string, python: string | undefined])[] = [
  ["3", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["2", process.env["TUNEWISE_MLFLOW2_PYTHON"]],
];

/** Runs a script while this process serves it, and returns what it printed. */
async function run(python: string, script: string, url: string): Promise<string> {
  const environment = { ...process.env, MLFLOW_TRACKING_URI: url, GIT_PYTHON_REFRESH: "quiet" };
  const child = spawn(python, [resolve("test/clients", script), url], { env: environment });
  let [out, error] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    error += chunk.toString();
  });
  const code = await new Promise((end) => child.once("close", end));
  expect(code, error.slice(-4000)).toBe(0);
  return out;
}

for (const [line, python] of pythons) {
  test.skipIf(!python)(`a session with MLflow ${line}`, () => session(line, python ?? ""));
}

for (const [line, python] of pythons) {
  test.skipIf(!python)(`odd names, models, links and traces with MLflow ${line}`, async () => {
    const { url, failures } = await serveTest();
    const out = await run(python ?? "", "mlflow_traces.py", url);
    const seen = JSON.parse(/^SEEN (.*)$/m.exec(out)?.[1] ?? "{}") as Record<string, unknown>;
    expect(seen).toMatchObject({
      images: 6,
      odd: ['a"*<>|.txt', "a:b.txt", "dots.."],
      back: "a:b.txt",
      link: ["s3://bucket/model", "s3://bucket/model"],
      refused: "INVALID_PARAMETER_VALUE",
      warnings: "",
    });
    expect(seen["traces"]).toEqual(
      seen["exports"] && {
        found: 3,
        spans: ["answer", "inner"],
        byTag: [1, 0],
        byName: 2,
        byRun: 2,
        left: 2,
      },
    );
    if (line === "3") {
      expect(seen["evaluated"]).toEqual({ "same/mean": 0.5 });
      expect(seen["assessed"]).toEqual([
        ["good", true, false],
        ["good", 0.5, true],
      ]);
      const refusals = seen["refusals"] as string[];
      expect(refusals).toHaveLength(3);
      for (const message of refusals)
        expect(message).toMatch(/^NOT_IMPLEMENTED: This server (keeps|sends) no /);
    }
    expect(failures.filter((failure) => (failure as { code?: string }).code !== "NOT_IMPLEMENTED")).toEqual(
      [],
    );
  });
}

const buckets = bucketServer();
for (const [line, python] of pythons) {
  test.skipIf(!python || !motoPython)(`a session with MLflow ${line}, its files in a bucket`, async () => {
    const artifacts = `${await buckets.makeBucket()}/files`;
    await session(line, python ?? "", { artifacts, environment: buckets.environment() });
  });
}

async function session(
  line: string,
  python: string,
  places: Parameters<typeof serveTest>[0] = {},
): Promise<void> {
  const { url, failures } = await serveTest(places);
  const out = await run(python, "mlflow_session.py", url);
  const seen = JSON.parse(/^SEEN (.*)$/m.exec(out)?.[1] ?? "{}") as Record<string, unknown>;
  expect(seen["version"]).toMatch(new RegExp(`^${line}\\.`));
  expect(seen).toMatchObject({
    again: true,
    changed: "INVALID_PARAMETER_VALUE",
    status: "FINISHED",
    name: "parent",
    ended: true,
    loss: 1.5,
    odd: true,
    above: true,
    below: true,
    tiny: 3e-300,
    async: 1249.5,
    params: 254,
    tags: { team: "search", note: "zwei\nZeilen äöü 漢字", a: "1", b: null },
    parent: true,
    history: [2, 2500, 0],
    table: [2, 2],
    text: "hello",
    big: true,
    empty: 0,
    listed: ["files/big.bin", "files/deep"],
    order: [
      ["parent", "child"],
      ["child", "parent"],
    ],
    refused: "INVALID_PARAMETER_VALUE",
    frame: [1, "0.1"],
    pages: [["page 6", "page 5", "page 4"], ["page 3", "page 2", "page 1"], ["page 0"]],
    deleted: ["deleted", "INVALID_PARAMETER_VALUE", ["gone"]],
    restored: ["KILLED", "renamed", "renamed", { late: 1 }],
    experiments: [["another"], ["tickets"], 1],
    taken: "RESOURCE_ALREADY_EXISTS",
    none: ["RESOURCE_DOES_NOT_EXIST", null],
    commands: [true, true, true, true],
  });
  expect(seen["input"]).toMatchObject([["rows", "code", [["mlflow.data.context", "training"]]]]);
  const { "": all, ...narrowed } = seen["search"] as Record<string, string[]>;
  expect(all).toEqual(["child", "parent"]);
  for (const [filter, names] of Object.entries(narrowed)) {
    const both = filter.startsWith("attributes.start_time");
    const expected = both ? ["child", "parent"] : [filter.includes("parentRunId") ? "child" : "parent"];
    expect(names, filter).toEqual(expected);
  }
  expect(failures).toEqual([]);
}
