/**
 * @file Logs a real run live to MLflow's own server, interrupts and resumes it, and reads it back with MLflow's own
 * client.
 */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { openDatabase } from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import { mlflowServer } from "../support/mlflow-server.ts";
import { project, recipe, tunewise, untilStep, useProjects } from "../support/run-projects.ts";
import { temporaryFolder } from "../support/track-disk.ts";

type Point = readonly [key: string, step: number, ms: number, value: number];

interface Seen {
  readonly name: string;
  readonly status: string;
  readonly times: readonly (number | null)[];
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}

useProjects();

/** What MLflow's client reads from the server. */
async function look(python: string, url: string): Promise<Seen[]> {
  const env = { ...process.env, GIT_PYTHON_REFRESH: "quiet" };
  const words = [resolve("test/clients/live_mlflow.py"), url, "live"];
  const { stdout } = await promisify(execFile)(python, words, { env, maxBuffer: 2 ** 26 });
  return JSON.parse(/^SEEN (.*)$/m.exec(stdout)?.[1] ?? "[]") as Seen[];
}

/** What the local store has recorded. */
async function record(folder: string): Promise<{ points: Point[]; params: Record<string, string> }> {
  const database = await openDatabase(join(folder, ".tunewise/tunewise.db"));
  onTestFinished(() => database.close());
  const points = await database.all(
    "SELECT s.key, p.step, p.ms, p.value FROM points p JOIN series s ON s.number = p.series",
  );
  const params = await database.all("SELECT key, value FROM params");
  return {
    points: points.map(({ key, step, ms, value }) => [String(key), Number(step), Number(ms), Number(value)]),
    params: Object.fromEntries(params.map(({ key, value }) => [String(key), String(value)])),
  };
}

const inOrder = (points: readonly Point[]): string[] => points.map((point) => JSON.stringify(point)).sort();

describe.each([
  ["3", process.env["TUNEWISE_MLFLOW3_PYTHON"]],
  ["2", process.env["TUNEWISE_MLFLOW2_PYTHON"]],
])("MLflow %s", (line, python = "") => {
  test.skipIf(python === "")("has all of a run while it works, and once it was resumed", async () => {
    const url = await mlflowServer(python, await temporaryFolder());
    const folder = project(`mlflow-${line}`, recipe(`tracking: { mlflow: "${url}", experiment: live }`));
    const running = await untilStep(folder, 3);
    running.child.kill("SIGINT");
    const first = await running.end;
    expect(first.code, first.out.slice(-2000)).toBe(130);
    const [half, ...none] = await look(python, url);
    expect(none).toEqual([]);
    expect(half).toMatchObject({ status: "KILLED" });
    expect(half?.points.filter(([key]) => key === "train/loss").length).toBeGreaterThanOrEqual(3);

    const resumed = tunewise(folder, "resume", "latest", "--json");
    expect(resumed.code, resumed.err).toBe(0);
    const last = JSON.parse(resumed.out.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>;
    const place = { tracker: "mlflow", place: url, experiment: "live", reason: null, send_rest: null };
    expect(last).toMatchObject({ tracking: { place: url, reason: null }, trackers: [place] });

    const [run, ...others] = await look(python, url);
    expect(others).toEqual([]);
    const own = await record(folder);
    expect(run).toMatchObject({
      name: last["run_id"],
      status: "FINISHED",
      times: [expect.any(Number), expect.any(Number)],
      params: own.params,
      tags: { "tunewise.run": last["run_id"], "tunewise.points": String(own.points.length) },
    });
    expect(run?.params).toMatchObject({ r: "4", learning_rate: "0.003", per_device_train_batch_size: "8" });
    expect(run?.tags["tunewise.data_fingerprint"]).toMatch(/^sha256:[0-9a-f]{64}$/);
    const isResult = ([key]: Point): boolean => /^test\/|^(spent_usd|wall_seconds)$/.test(key);
    expect(inOrder(run?.points.filter((point) => !isResult(point)) ?? [])).toEqual(inOrder(own.points));
    expect(own.points.filter(([key]) => key === "train/loss").map(([, step]) => step)).toHaveLength(8);
    const results = new Set(run?.points.filter(isResult).map(([key]) => key));
    expect([...results]).toEqual(
      expect.arrayContaining(["test/tuned/perplexity", "test/base/perplexity", "spent_usd"]),
    );
  });
});
