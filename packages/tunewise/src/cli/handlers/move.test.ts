/** @file Tests the commands `import` and `export`: arguments, exit codes and output. */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { invoke } from "../invoke.ts";

/** Runs a command in a folder. */
async function tell(cwd: string, ...words: string[]): Promise<{ code: number; out: string; talk: string }> {
  const { io, stdout, stderr } = fakeIo({ cwd });
  return { code: await invoke(words, io), out: stdout(), talk: stderr().replaceAll(/\s+/g, " ") };
}

/** Creates a folder with an `mlruns` of a complete, an incomplete and a deleted run. */
async function place(): Promise<string> {
  const cwd = await temporaryFolder();
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(join(cwd, "mlruns", path, ".."), { recursive: true });
    await writeFile(join(cwd, "mlruns", path), text);
  };
  await put("1/meta.yaml", "name: tickets\nlifecycle_stage: active\n");
  await put(
    "1/aaa/meta.yaml",
    "run_name: first\nstatus: 3\nstart_time: 1700000000000\nend_time: 1700000001000\n",
  );
  await put("1/aaa/metrics/loss", "1700000000000 0.5 1\n");
  await put("1/bbb/params/lr", "1");
  await put("1/ccc/meta.yaml", "run_name: gone\nstatus: 3\nstart_time: 5\nlifecycle_stage: deleted\n");
  return cwd;
}

test("an import says what came, what was left out, and comes only once", async () => {
  const cwd = await place();
  const dry = await tell(cwd, "import", "mlflow", "mlruns", "--dry-run");
  expect([dry.code, await readdir(cwd)]).toEqual([2, ["mlruns"]]);
  expect(dry.out).toContain("runs       2 would come, 0 got what they lacked, 0 were there already");
  const first = await tell(cwd, "import", "mlflow", "mlruns");
  expect(first.code).toBe(2);
  expect(first.out).toContain("points     1 added of 1 read");
  expect(first.out).toMatch(/left out {3}runs \(1\):\n {2}bbb: .*meta\.yaml: no such file or folder/);
  const again = await tell(cwd, "import", "mlflow", "mlruns", "--json");
  expect(JSON.parse(again.out)).toMatchObject({ runs: { fresh: 0, there: 2 }, leftOutCount: 1 });
  const nothing = await tell(cwd, "import", "wandb", "mlruns");
  expect([nothing.code, nothing.talk]).toEqual([64, expect.stringContaining("MOVE_SOURCE_UNKNOWN")]);
});

test("an export of histories is told from one of models, and what could mean both is refused", async () => {
  const cwd = await place();
  await tell(cwd, "import", "mlflow", "mlruns");
  const csv = await tell(cwd, "export", "csv", "aa", "--to", "out");
  expect([csv.code, await readdir(join(cwd, "out"))]).toEqual([
    0,
    ["alerts", "files", "metrics", "params", "runs", "spend", "summary", "tags", "values"].map(
      (name) => `${name}.csv`,
    ),
  ]);
  const words = ["store", "export", "mlflow", "--output", "gone", "--dry-run"];
  const dry = await tell(cwd, ...words);
  expect([dry.code, dry.out, await readdir(cwd)]).toEqual([
    0,
    expect.stringMatching(/gone: 1 run would go\n\nnot carried +count +such as\ndeleted runs +1 +ccc\n/),
    [".tunewise", "mlruns", "out"],
  ]);
  const listed = await tell(cwd, ...words, "--json");
  expect(JSON.parse(listed.out)).toMatchObject({
    isDryRun: true,
    runs: 1,
    notCarried: [{ kind: "deleted runs", count: 1, names: ["ccc"] }],
  });
  const sent = await tell(cwd, "store", "export", "mlflow", "--output", "gone");
  for (const text of [sent.out, sent.talk]) expect(text).toMatch(/deleted runs +1 +ccc/);
  const twice = await tell(cwd, "export", "csv", "--to", "out");
  expect([twice.code, twice.talk]).toEqual([64, expect.stringContaining("MOVE_TARGET_THERE")]);
  for (const [words, said] of [
    [["export", "csv"], "--output is needed"],
    [["store", "export", "csv"], "--output is needed"],
    [["store", "export", "csv", "--format", "gguf"], "has no flag `--format`"],
    [["export", "csv", "--format", "gguf", "--to", "x"], "--format is about a run's model"],
    [["export", "latest", "--to", "x"], "begin with one of csv, parquet, mlflow, wandb"],
    [["export", "one", "two", "--format", "peft"], "one run is exported at a time"],
  ] as const) {
    const refused = await tell(cwd, ...words);
    expect([refused.code, refused.talk]).toEqual([64, expect.stringContaining(said)]);
  }
  const none = await tell(await temporaryFolder(), "export", "csv", "--to", "x");
  expect([none.code, none.talk]).toEqual([1, expect.stringContaining("the file does not exist")]);
});
