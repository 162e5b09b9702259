/**
 * A tracking server on a disk that fails at the n-th write, for every n: once by a crash, and once by an error whose
 * kind rotates daily. Acknowledged data is stored once, failed requests can be repeated, and the store opens.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultKind, injectFaults, ownFolder } from "../support/faults.ts";
import { served } from "../support/served-folder.ts";

const root = ownFolder("tracking");
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** A client's request. */
interface Wish {
  readonly name: string;
  readonly send: (url: string, run: string) => Promise<Response>;
}

const post =
  (path: string, body: object): ((url: string, run: string) => Promise<Response>) =>
  (url, run) =>
    fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: "POST",
      body: JSON.stringify({ ...body, run_id: run }),
    });

/** This many points of a series; `count` may exceed what fits into one statement. */
const points = (from: number, count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({
    key: "loss",
    step: from + at,
    value: from + at + 0.5,
    timestamp: 1000 + at,
  }));

const file = "x".repeat(200_000);

const wishes: readonly Wish[] = [
  {
    name: "batch 0",
    send: post("runs/log-batch", { metrics: points(0, 3), params: [{ key: "rate", value: "0.1" }] }),
  },
  { name: "batch 10", send: post("runs/log-batch", { metrics: points(10, 100) }) },
  { name: "metric 200", send: post("runs/log-metric", points(200, 1)[0] as object) },
  { name: "tag", send: post("runs/set-tag", { key: "stage", value: "late" }) },
  {
    name: "file",
    send: (url, run) =>
      fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/model.bin`, {
        method: "PUT",
        body: file,
      }),
  },
  { name: "batch 300", send: post("runs/log-batch", { metrics: points(300, 4) }) },
  { name: "end", send: post("runs/update", { status: "FINISHED", end_time: 5 }) },
];

interface Heard {
  run: string;
  readonly acknowledged: Set<string>;
  readonly refusals: string[];
}

/** Sends what was not acknowledged yet; answers after a simulated kill are ignored. */
async function sendAll(url: string, heard: Heard, hasEnded: () => boolean): Promise<void> {
  const answers = async (name: string, asked: Promise<Response>): Promise<unknown> => {
    const response = await asked;
    const text = await response.text();
    if (hasEnded()) return null;
    if (response.status === 200) heard.acknowledged.add(name);
    else heard.refusals.push(`${name}: ${response.status} ${text}`);
    return response.status === 200 && text !== "" ? JSON.parse(text) : null;
  };
  if (heard.run === "") {
    const made = await answers("run", post("runs/create", { experiment_id: "0" })(url, ""));
    heard.run = (made as { run: { info: { run_id: string } } } | null)?.run.info.run_id ?? "";
  }
  if (heard.run === "") return;
  for (const { name, send } of wishes) {
    if (!heard.acknowledged.has(name)) await answers(name, send(url, heard.run));
  }
}

interface About {
  readonly info: Record<string, unknown>;
  readonly data: Record<string, { key: string }[]>;
}

/** Reads the data of the run back, points in their stored order. */
async function kept(url: string, run: string): Promise<Record<string, unknown>> {
  const get = async <Answer>(path: string): Promise<Answer> =>
    (await fetch(`${url}/api/2.0/mlflow/${path}`)).json() as Promise<Answer>;
  const { run: about } = await get<{ run: About }>(`runs/get?run_id=${run}`);
  const { info, data } = about;
  const { metrics = [] } = await get<{ metrics?: readonly { step: number; value: number }[] }>(
    `metrics/get-history?run_id=${run}&metric_key=loss&max_results=1000`,
  );
  const artifact = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/model.bin`);
  const content = await artifact.text();
  const steps = metrics.map(({ step, value }) => value === step + 0.5 && step);
  return {
    steps,
    params: data["params"]?.map(({ key }) => key),
    tags: data["tags"]?.map(({ key }) => key).filter((key) => key === "stage"),
    status: info["status"],
    file: artifact.status === 200 ? content === file : null,
  };
}

const stepsOf: Readonly<Record<string, readonly number[]>> = {
  "batch 0": [0, 1, 2],
  "batch 10": Array.from({ length: 100 }, (_, at) => 10 + at),
  "metric 200": [200],
  "batch 300": [300, 301, 302, 303],
};
const allSteps = Object.values(stepsOf).flat();

/** The errors in what a server stored. */
async function faultsOf(folder: string, heard: Heard): Promise<string[]> {
  const wrong: string[] = [];
  for (const refusal of heard.refusals) {
    if (/bug of tunewise|stack/i.test(refusal)) wrong.push(refusal.slice(0, 300));
  }
  await served(folder, async (url) => {
    if (heard.acknowledged.has("run")) {
      const has = await kept(url, heard.run);
      const steps = has["steps"] as number[];
      const told = [...heard.acknowledged].flatMap((name) => stepsOf[name] ?? []);
      const lost = told.filter((step) => !steps.includes(step));
      if (lost.length > 0) wrong.push(`lost ${lost}`);
      if (new Set(steps).size !== steps.length) wrong.push(`twice: ${steps}`);
      if (heard.acknowledged.has("file") && has["file"] !== true) wrong.push("lost the file");
      if (has["file"] === false) wrong.push("half a file");
      if (heard.acknowledged.has("tag") && (has["tags"] as string[]).length !== 1) wrong.push("lost the tag");
      if (heard.acknowledged.has("end") && has["status"] !== "FINISHED") wrong.push("lost the end");
    }
    const again = { ...heard, refusals: [] as string[] };
    await sendAll(url, again, () => false);
    if (again.refusals.length > 0) wrong.push(`refused again: ${again.refusals}`);
    const whole = { steps: allSteps, params: ["rate"], tags: ["stage"], status: "FINISHED", file: true };
    const now = await kept(url, again.run);
    (now["steps"] as number[]).sort((a, b) => a - b);
    if (JSON.stringify(now) !== JSON.stringify(whole))
      wrong.push(`not whole: ${JSON.stringify(now).slice(0, 300)}`);
  });
  return wrong;
}

const fresh = (): Heard => ({ run: "", acknowledged: new Set(), refusals: [] });
let operations: readonly string[] = [];

beforeAll(async () => {
  const folder = ownFolder("tracking-whole");
  const heard = fresh();
  ({ operations } = await injectFaults({ under: folder }, () =>
    served(folder, (url) => sendAll(url, heard, () => false)),
  ));
  expect([heard.refusals, heard.acknowledged.size]).toEqual([[], wishes.length + 1]);
  expect(await faultsOf(folder, heard)).toEqual([]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Kinds of disk errors. Every operation meets a crash and one of these, rotating daily. */
const rotating: readonly FaultKind[] = ["ENOSPC", "EIO", "EACCES", "full"];
const day = Number(process.env["TUNEWISE_FAULT_DAY"] ?? Math.floor(Date.now() / 86_400_000));

describe("a tracking server on a disk that fails", () => {
  test.each(["crash", "an error that the disk reports"] as const)("%s, at every operation", async (way) => {
    expect(operations.length).toBeGreaterThan(100);
    const wrong: string[] = [];
    // a transaction creates all tables: its first, middle and last statements represent the others
    const isTable = (name: string | undefined): boolean => /^sql (CREATE|ALTER|DROP)/.test(name ?? "");
    for (let at = 1; at <= operations.length; at++) {
      if (isTable(operations[at - 2]) && isTable(operations[at]) && at % 20 !== 0) continue;
      const kind = way === "crash" ? way : (rotating[(at + day) % rotating.length] ?? "EIO");
      const folder = join(root, `${kind}-${at}`);
      mkdirSync(folder);
      const heard = fresh();
      await injectFaults({ under: folder, at, kind }, async ({ hasFired }) => {
        await served(folder, (url) => sendAll(url, heard, () => kind === "crash" && hasFired())).catch(
          (error: unknown) => heard.refusals.push(String(error)),
        );
      });
      const found = await faultsOf(folder, heard).catch((error: unknown) => [`cannot be opened: ${error}`]);
      wrong.push(...found.map((line) => `${at} ${operations[at - 1]}, ${kind}: ${line}`));
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
    expect(wrong).toEqual([]);
  });
});
