/** @file Which runs of clients repeat earlier ones, and which only appear to. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import { writePoints } from "../points/write-points.ts";
import { addInputs } from "./datasets.ts";
import { addParams, readTags } from "./facts.ts";
import { noteRepetition, repeatsTag } from "./repetition.ts";
import { changeTrackedRun, findTrackedRun } from "./runs.ts";
import type { NewRun } from "./types.ts";

/** A run as logged by a script; omitted fields are as in `script`. */
interface Logged {
  readonly params?: Readonly<Record<string, string>>;
  readonly digest?: string | null;
  readonly commit?: string | null;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly parent?: string;
  readonly status?: "completed" | "failed";
  readonly more?: Partial<NewRun>;
}

const script: Required<Omit<Logged, "parent" | "more">> = {
  params: { lr: "0.001", seed: "1", output_dir: "out/1" },
  digest: "d1",
  commit: "c1",
  metrics: { loss: 0.5, train_runtime: 12 },
  status: "completed",
};

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  let startedMs = 1;

  /** Logs and ends a run. Returns the id of the run that it repeats. */
  async function log(store: TrackedStore, id: string, logged: Logged = {}): Promise<string | null> {
    const { params, digest, commit, metrics, status, parent, more } = { ...script, ...logged };
    const tags = [
      { key: "mlflow.source.name", value: "train.py" },
      ...(commit === null ? [] : [{ key: "mlflow.source.git.commit", value: commit }]),
      ...(parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }]),
    ];
    const number = await store.add(id, { startedMs: ++startedMs, tags, ...more });
    const run = await findTrackedRun(store.database, id);
    const dataset = { name: "rows", sourceType: "local", source: "{}", schema: null, profile: null };
    await store.write(async (transaction) => {
      const facts = Object.entries(params).map(([key, value]) => ({ key, value }));
      await addParams(transaction, run, facts);
      if (digest !== null)
        await addInputs(transaction, run, [{ dataset: { ...dataset, digest }, context: "train", tags: [] }]);
      const points = Object.entries(metrics).map(([key, value]) => ({
        run: number,
        key,
        value,
        step: 1,
        ms: 1,
      }));
      await writePoints(transaction, points);
      await changeTrackedRun(transaction, number, { status, endedMs: startedMs });
      await noteRepetition(transaction, number);
    });
    const { repeats } = await findTrackedRun(store.database, id);
    const [earlier] = await store.database.all("SELECT id FROM runs WHERE number = ?", repeats);
    return earlier ? String(earlier["id"]) : null;
  }

  it("finds the same parameters, data and code, whatever does not change a result", async () => {
    const store = await trackedStore(await make());
    expect(await log(store, "first")).toBeNull();
    const metrics = { loss: 0.5000001, train_runtime: 13 }; // Another summation order on a GPU.
    expect(await log(store, "again", { params: { ...script.params, output_dir: "out/2" }, metrics })).toBe(
      "first",
    );
    expect(await log(store, "third")).toBe("first");
    const { number } = await findTrackedRun(store.database, "again");
    expect((await readTags(store.database, number)).get(repeatsTag)).toBe(
      "The same as run first: parameters, data and code are equal.",
    );
  });

  const others: readonly (readonly [string, Logged])[] = [
    ["another seed", { params: { ...script.params, seed: "2" } }],
    ["another rate", { params: { ...script.params, lr: "0.01" } }],
    ["other data", { digest: "d2" }],
    ["other code", { commit: "c2" }],
    ["a failed run", { status: "failed" }],
    ["no parameters", { params: {} }],
    ["a run that was judged before it began", { more: { fingerprint: "f".repeat(64) } }],
    ["a run of a command", { more: { launchedBy: 1 } }],
  ];
  it.each(others)("%s is no repetition", async (_name, other) => {
    const store = await trackedStore(await make());
    await log(store, "first", other.params && Object.keys(other.params).length === 0 ? other : {});
    expect(await log(store, "second", other)).toBeNull();
  });

  it("without a seed, only equal results show that nothing else was different", async () => {
    const store = await trackedStore(await make());
    const unseeded = { params: { lr: "0.001" }, digest: null, commit: null };
    expect(await log(store, "first", unseeded)).toBeNull();
    expect(await log(store, "other results", { ...unseeded, metrics: { loss: 0.4 } })).toBeNull();
    expect(await log(store, "no results", { ...unseeded, metrics: {} })).toBeNull();
    const metrics = { loss: 0.5, train_runtime: 99 };
    expect(await log(store, "same", { ...unseeded, metrics })).toBe("first");
    const { number } = await findTrackedRun(store.database, "same");
    expect((await readTags(store.database, number)).get(repeatsTag)).toBe(
      "The same as run first: parameters are equal, and so are the results.",
    );
  });

  it("parts of one run are no repetitions of each other, and other projects are not told", async () => {
    const store = await trackedStore(await make());
    await log(store, "fold 1", { parent: "p" });
    expect(await log(store, "fold 2", { parent: "p" })).toBeNull();
    expect(await log(store, "of another parent", { parent: "q" })).toBe("fold 1");
    const project = await store.project("secret");
    expect(await log(store, "elsewhere", { more: { project } })).toBeNull();
  });
});
