/**
 * @file W&B's public API client against the tracking server: what a notebook reads and changes.
 *
 * `TUNEWISE_WANDB_PYTHON` names the interpreter of an environment with wandb 0.31.0, `TUNEWISE_WANDB_OLD_PYTHON` one
 * with 0.21.2, and `TUNEWISE_WANDB_OLDEST_PYTHON` one with 0.18.7.
 */
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exportHistories, readDocuments, readWandbFile } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { showTrackedRun } from "../../packages/tunewise/src/app/tracking/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { type Place, place, runProgram, type Saw } from "../support/wandb-clients.ts";

const script = join(import.meta.dirname, "wandb_api.py");
const odd = "sub/odd 50%?.txt";

const rows = (count: number): unknown[] =>
  Array.from({ length: count }, (_, step) => [step, 1 + (step - 1) ** 2]);

/** The expected output of each part of the script. */
const seen: Readonly<Record<string, object>> = {
  log: {},
  listing: {
    all: ["run0", "run1", "run2"],
    newest: ["run2", "run1", "run0"],
    by_config: ["run1", "run2"],
    nested: ["run1"],
    by_value: ["run0"],
    by_summary: ["run1"],
    by_min: ["run0", "run1", "run2"],
    by_name: ["run1", "run2"],
    by_tags: ["run0", "run2"],
    both: ["run0", "run2"],
    since: [],
    ordered: ["run2", "run1", "run0"],
    count: 3,
    projects: ["tickets", "Default"],
    viewer: "tunewise",
    unknown: expect.stringContaining('tunewise does not know "color" of a run'),
    explosive: expect.stringContaining("The patterns of this filter take too long"),
  },
  reading: {
    name: "run number 0",
    state: "finished",
    tags: ["lora", "n0"],
    group: "day",
    notes: "for the test",
    sampled: 10,
    user: "tunewise",
    last: 32,
    nan: ["nan"],
    media: ["table-file"],
    places: true,
    config: { lr: 0.1, model: { rank: 8, name: "tiny" } },
    summary: { epoch: 14, final: 0, word: "w29" },
    best: [1, 0, false],
    rows: rows(30).map((row, step) => [...(row as number[]), step / 10, `w${step}`]),
    some: rows(30),
    all: 4,
    keyed: [["_step", "epoch", "score"]],
    metadata: ["host", "os", "python"],
  },
  files: {
    own: ["notes.txt", odd],
    texts: { "notes.txt": "kept notes.txt", [odd]: `kept ${odd}` },
    media: expect.arrayContaining(["table"]),
    columns: ["a%b", "c"],
    restored: "kept notes.txt",
    missing: "File none.txt not found in tickets/run0.",
  },
  artifacts: {
    logged: ["rows:v0", "run-run0-answers:v0"],
    used: ["rows:v0"],
    versions: ["v0"],
    files: ["elsewhere.txt", "notes.txt"],
    downloaded: ["elsewhere.txt", "notes.txt"],
    types: ["dataset", "run_table"],
    collections: ["rows"],
    text: "kept notes.txt",
    made: "run0",
    added: ["best", "latest", "second"],
    aliases: ["best", "latest"],
    description: "some rows",
    users: ["run1", "run2"],
    exists: [true, false],
  },
  changing: {
    config: { deep: 1 },
    tags: ["lora", "n1", "late"],
    notes: "other notes",
    name: "renamed",
    group: "noon",
    after: 7,
    state: "finished",
  },
  branches: {
    rows: [...rows(5), [5, 50]],
    none: expect.stringContaining("There is no run nobody in tickets to fork from."),
    kept: 32,
  },
  deleting: {
    left: ["run0", "run1", "forked"],
    kept: expect.stringContaining("The artifact has the aliases best: delete it with delete_aliases=True."),
    gone: expect.stringContaining("'rows:v0' not found in 'tunewise/tickets'"),
  },
};

describe.each([
  ["wandb 0.31.0", process.env["TUNEWISE_WANDB_PYTHON"], 31],
  ["wandb 0.21.2", process.env["TUNEWISE_WANDB_OLD_PYTHON"], 21],
  ["wandb 0.18.7", process.env["TUNEWISE_WANDB_OLDEST_PYTHON"], 18],
] as const)("%s", (_, python = "", version) => {
  test.skipIf(python === "")(
    "reads and changes what it logged; the rest of tunewise sees it too",
    async () => {
      const where = await place();
      const { saw, output } = await runProgram(python, [script], { ...where.env, WANDB_SILENT: "true" });
      const parts = Object.fromEntries(saw.map(({ part, ...facts }) => [String(part), facts]));
      for (const [part, facts] of Object.entries(seen)) expect(parts[part], output).toMatchObject(facts);
      if (version > 20) {
        expect(parts["branches"]?.["rewound"]).toContain('fork_from="run0?_step=4"');
        expect(parts["files"]?.["media"]).toEqual(["html", "table"]);
      }
      await expectShown(where);
      await expectExported(where, version === 31 ? python : null);
    },
  );
});

/** Alerts, the summary, files and artifacts, as the command line and exports report them. */
async function expectShown({ folder, context }: Place): Promise<void> {
  const runtime = createRuntime(folder, new AbortController().signal, "0.0.0");
  const shown = await showTrackedRun("run0", folder, runtime);
  expect(shown.alerts).toMatchObject([{ title: "Look", text: "the loss is low", severity: "WARN" }]);
  expect(shown.summary).toMatchObject({ "loss.min": 1, "score.max": 0, final: 0, word: "w29" });
  expect(shown.files?.map(({ path }) => path)).toEqual(expect.arrayContaining(["notes.txt", odd]));
  expect(shown.artifacts).toEqual(["run-run0-answers:v0"]);
  const metrics = new Map(shown.metrics.map(({ key, last, over }) => [key, [last, over]]));
  expect([metrics.get("score"), metrics.get("loss"), metrics.get("final")]).toEqual([
    [-784, "epoch"],
    [785, null],
    [0, null],
  ]);
  const [run] = await context.database.all("SELECT number FROM runs WHERE id = 'run0'");
  const [document] = (
    await readDocuments(context.database, context.write, [Number(run?.["number"])])
  ).values();
  const { metrics: listed } = JSON.parse(`{${document}}`) as { metrics: { key: string; value: number }[] };
  expect(listed).toContainEqual(expect.objectContaining({ key: "loss.min", value: 1 }));
}

/** @param python interpreter that sends the export to another server; `null`: none */
async function expectExported({ context, folder }: Place, python: string | null): Promise<void> {
  const request = (format: "csv" | "wandb", to: string): Parameters<typeof exportHistories>[1] => ({
    format,
    to: join(folder, to),
    project: null,
    runs: ["run0"],
    isForced: false,
    producer: "tunewise-0",
    cwd: folder,
    env: {},
    signal: new AbortController().signal,
    onRun: () => undefined,
  });
  await exportHistories(context, request("csv", "tables"));
  const table = (name: string): Promise<string> => readFile(join(folder, "tables", `${name}.csv`), "utf8");
  expect(await table("summary")).toContain("run0,loss.min,1\r\n");
  expect(await table("files")).toContain(`run0,${odd},${`kept ${odd}`.length}\r\n`);
  expect(await table("values")).toContain("run0,3,word,w3\r\n");
  expect(await table("alerts")).toContain("WARN,Look,the loss is low");
  await exportHistories(context, request("wandb", "offline"));
  const [name = ""] = await readdir(join(folder, "offline"));
  const place0 = join(folder, "offline", name);
  expect(await readFile(join(place0, "files", odd), "utf8")).toBe(`kept ${odd}`);
  const steps: unknown[] = [];
  for await (const part of readWandbFile(createReadStream(join(place0, "run-run0.wandb")))) {
    const { kind, row } = part as unknown as Saw;
    expect(kind).not.toBe("damage");
    if (kind === "history") steps.push(JSON.parse(String(row)).loss);
  }
  expect(steps.slice(0, 3)).toEqual([2, 1, 2]);
  if (python === null) return;
  const other = await place();
  const sent = await runProgram(join(dirname(python), "wandb"), ["sync", place0], other.env);
  const found = await other.context.database.all("SELECT run FROM wandb_runs WHERE name = 'run0'");
  const root = `runs/${found[0]?.["run"]}`;
  expect(await other.context.artifacts.size(`${root}/${odd}`), sent.output).toBe(`kept ${odd}`.length);
  expect((await other.context.artifacts.list(`${root}/media`)).map((entry) => entry.name)).toEqual([
    "html",
    "table",
  ]);
}
