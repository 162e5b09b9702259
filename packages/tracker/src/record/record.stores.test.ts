/** @file The store through its interface, on each database. */

import { bytes, seconds, usd } from "@tunewise/core/quantity";
import type { NewRun } from "@tunewise/core/run";
import { describe, expect, onTestFinished, test } from "vitest";
import { metric, run, time } from "../../../../test/support/sample-records.ts";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { openStore } from "../open-store.ts";
import type { ScoreEntry, SpendEntry, Store } from "../store.ts";

const score: ScoreEntry = {
  runId: "a",
  arm: "base",
  metric: "accuracy",
  value: 0.5,
  low: 0.4,
  high: 0.6,
  rows: 500,
};
const spend: SpendEntry = {
  runId: "a",
  time,
  kind: "train",
  spent: usd(0.123456),
  duration: seconds(12.5),
  priceUsdPerHour: usd(0.526),
  priceSource: "aws.amazon.com/ec2, 2026-11-20",
};

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  async function store(...runs: NewRun[]): Promise<Store> {
    const made = await openStore(await make());
    onTestFinished(() => made.close());
    for (const item of runs) await made.createRun(item);
    return made;
  }

  it("gives back a run as it was", async () => {
    const original = run("a", { endedAt: time, wallSeconds: 1.5, spentMicroUsd: 2 ** 40 });
    const { project: _project, params: _params, ...stored } = original;
    const made = await store(original);
    expect(await made.findRun("a")).toEqual(stored);
  });

  it("refuses a second run of the same id", async () => {
    const made = await store(run("a"));
    await expect(made.createRun(run("a", { name: "other" }))).rejects.toMatchObject({ code: "RUN_EXISTS" });
    expect((await made.findRun("a")).name).toBe("tickets");
  });

  it("lists runs newest first, by status and name", async () => {
    const made = await store(
      run("a", { createdAt: "2026-11-24T01:00:00.000Z", status: "completed" }),
      run("b", { createdAt: "2026-11-24T03:00:00.000Z", name: "other" }),
      run("c", { createdAt: "2026-11-24T02:00:00.000Z" }),
      run("d", { createdAt: "2026-11-24T02:00:00.000Z" }),
    );
    const ids = async (query?: Parameters<Store["listRuns"]>[0]): Promise<string> =>
      (await made.listRuns(query)).map((item) => item.id).join("");
    expect(await ids()).toBe("bdca");
    expect(await ids({ status: "running" })).toBe("bdc");
    expect(await ids({ name: "tickets" })).toBe("dca");
    expect(await ids({ name: "tickets", status: "completed" })).toBe("a");
    expect(await ids({ name: "' OR 1 --" })).toBe("");
    expect(await ids({ limit: 2 })).toBe("bd");
  });

  const finds: [string, string | { code: string; message?: string }][] = [
    ["20261124-1-ab", "20261124-1-ab"],
    ["20261124-1-abc", "20261124-1-abc"],
    ["2025", "20251124-1-ab"],
    ["2024", { code: "RUN_NOT_FOUND" }],
    ["", { code: "RUN_NOT_FOUND" }],
    ["%", { code: "RUN_NOT_FOUND" }],
    [
      "20261124-2",
      {
        code: "RUN_AMBIGUOUS",
        message: '"20261124-2" matches 2 runs: 20261124-2-z, 20261124-2-y.',
      },
    ],
    [
      "2026",
      {
        code: "RUN_AMBIGUOUS",
        message:
          '"2026" matches 6 runs: 20261124-2-z, 20261124-2-y, 20261124-1-d, 20261124-1-c, ' +
          "20261124-1-abc and 1 more.",
      },
    ],
  ];
  it.each(finds)("finds %j", async (wanted, expected) => {
    const ids = ["20251124-1-ab", "20261124-1-ab", "20261124-1-abc", "20261124-1-c", "20261124-1-d"];
    const made = await store(...[...ids, "20261124-2-y", "20261124-2-z"].map((id) => run(id)));
    if (typeof expected === "string") expect((await made.findRun(wanted)).id).toBe(expected);
    else await expect(made.findRun(wanted)).rejects.toMatchObject(expected);
  });

  it("keeps NaN, the infinities and every digit of a metric", async () => {
    const made = await store(run("a"));
    const values = [
      1 / 3,
      2.2250738585072014e-308,
      -0.1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ];
    const points = values.map((value, step) => metric(step, value));
    await made.record({ metrics: [...points, metric(1, 9, "validation/loss")] });
    expect(await made.metricHistory("a", "train/loss")).toEqual(points);
    expect(await made.metricKeys("a")).toEqual(["train/loss", "validation/loss"]);
    expect(await made.metricHistory("a", "none")).toEqual([]);
  });

  it("takes the value written last where a resumed run goes over a step again", async () => {
    const made = await store(run("a"));
    await made.record({ metrics: [metric(1, 3), metric(2, 9), metric(3, 1)] });
    await made.record({ metrics: [metric(2, 2)] });
    expect((await made.metricHistory("a", "train/loss")).map((point) => point.value)).toEqual([3, 2, 1]);
  });

  it("writes a batch as a whole", async () => {
    const made = await store(run("a"), run("b"));
    const item = { v: 1, run: "a", seq: 1, time, kind: "phase", name: "train", done: 1, total: 2 } as const;
    const loss = {
      ...item,
      seq: 2,
      kind: "evaluation-end",
      step: 2,
      loss: Number.NaN,
      wallSeconds: 1,
    } as const;
    const artifact = { runId: "a", path: "adapter/x", bytes: bytes(5e9), sha256: "0".repeat(64) };
    await made.record({
      run: { id: "a", change: { status: "completed", endedAt: time, spentMicroUsd: 5 } },
      metrics: [metric(1, 3)],
      events: { runId: "a", items: [item, loss] },
      artifacts: [artifact],
      scores: [score, { ...score, arm: "tuned", low: null, high: null, value: Number.POSITIVE_INFINITY }],
      spend: [spend, { ...spend, runId: "b" }, spend],
    });
    expect(await made.findRun("a")).toMatchObject({
      status: "completed",
      endedAt: time,
      spentMicroUsd: 246912,
      wallSeconds: 25, // The sum of its ledger entries, whatever a change sets.
    });
    expect(await made.events("a")).toEqual([item, loss]);
    expect(await made.artifacts("a")).toEqual([artifact]);
    expect(await made.scores("a")).toMatchObject([
      score,
      { arm: "tuned", value: Number.POSITIVE_INFINITY, low: null },
    ]);
    expect(await made.spend("a")).toEqual([spend, spend]);
    expect(await made.totalSpend("a")).toEqual({ spent: 246912, duration: 25, charged: 0 });
    expect(await made.totalSpend("none")).toEqual({ spent: 0, duration: 0, charged: 0 });
    expect(await made.findRun("b")).toMatchObject({ status: "running" });
  });

  it("keeps tags, and the title of a finding that is an error", async () => {
    const made = await store(run("a"));
    const finding = {
      code: "DATA_LEAK",
      title: "Rows leak",
      detail: "",
      where: [],
      count: 1,
      fix: "",
    } as const;
    const event = { v: 1, run: "a", seq: 1, time, kind: "finding" } as const;
    const items = [
      { ...event, finding: { ...finding, severity: "error" } as const },
      { ...event, seq: 2, finding: { ...finding, title: "Not so bad", severity: "warning" } as const },
    ];
    await made.record({ tags: [{ runId: "a", key: "k", value: "v" }], events: { runId: "a", items } });
    expect(await made.tags("a")).toEqual({ k: "v", "tunewise.finding": "Rows leak" });
  });

  it("replaces scores and artifacts recorded before", async () => {
    const made = await store(run("a"));
    const artifact = { runId: "a", path: "x", bytes: bytes(1), sha256: "0" };
    await made.record({ scores: [score], artifacts: [artifact] });
    await made.record({ scores: [{ ...score, value: 0.75 }], artifacts: [{ ...artifact, bytes: bytes(2) }] });
    expect((await made.scores("a")).map((item) => item.value)).toEqual([0.75]);
    expect((await made.artifacts("a")).map((item) => item.bytes)).toEqual([2]);
  });

  it("writes nothing of a batch with a fact of no run", async () => {
    const made = await store(run("a"));
    const batch = { metrics: [metric(1, 3)], spend: [spend, { ...spend, runId: "ghost" }] };
    await expect(made.record(batch)).rejects.toMatchObject({
      code: "RUN_NOT_FOUND",
      params: { id: "ghost" },
    });
    expect([await made.metricKeys("a"), await made.spend("a")]).toEqual([[], []]);
    await made.record({ metrics: [metric(1, 3)] });
    expect(await made.metricKeys("a")).toEqual(["train/loss"]);
  });
});
