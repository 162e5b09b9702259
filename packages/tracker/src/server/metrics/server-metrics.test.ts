/** Tests the Prometheus metrics of a running server. */
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { readPrometheus } from "../../../../../test/support/prometheus-text.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { addSpend, openTrackingContext } from "../../index.ts";
import { withAbout } from "../about-protocol.ts";
import { mlflowProtocol } from "../mlflow/protocol.ts";
import { serveTracking } from "../serve-tracking.ts";
import { createServerMetrics } from "./server-metrics.ts";

const figures = {
  cpuSeconds: 1.5,
  residentBytes: 1e8,
  startSeconds: 1_700_000_000,
  loopDelay: { p50: 0.001, p99: 0.01, max: 0.5 },
};

async function place() {
  const metrics = createServerMetrics({
    versions: { tunewise: "1.2.3", node: "20.20.2" },
    readProcess: () => figures,
  });
  let nowMs = 1_700_000_000_000;
  const host = { now: () => new Date(nowMs), random: Math.random };
  const places = { store: ":memory:", artifacts: await temporaryFolder() };
  const context = await openTrackingContext(places, host, { onCommit: metrics.committed });
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    identify: null,
    watcher: metrics,
    protocols: withAbout([mlflowProtocol(context, "3.18.0")], "1.2.3", () => metrics.text(context)),
  });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  const read = async () => {
    const answer = await fetch(`${server.url}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = readPrometheus(await answer.text());
    return (name: string): [string, number][] => {
      const family = [...families].find(([key]) => name.startsWith(key))?.[1];
      return [...(family?.series ?? [])].filter(([key]) => key.startsWith(name));
    };
  };
  const post = async (path: string, body: object): Promise<{ run?: unknown }> => {
    const init = { method: "POST", body: JSON.stringify(body) };
    return (await (await fetch(`${server.url}/api/2.0/mlflow/${path}`, init)).json()) as { run?: unknown };
  };
  const later = (ms: number): void => {
    nowMs += ms;
  };
  return { server, context, metrics, read, post, later };
}

test("requests by route, never by path; writes, runs, money, this process", async () => {
  const { server, context, read, post, later } = await place();
  const made = await post("runs/create", { experiment_id: "0" });
  const { run_id } = (made.run as { info: { run_id: string } }).info;
  const metricsOf = (count: number): object[] =>
    Array.from({ length: count }, (_, step) => ({ key: "loss", value: 1, timestamp: 1, step }));
  await post("runs/log-batch", { run_id, metrics: metricsOf(30) });
  await post("runs/log-batch", { run_id: "none", metrics: metricsOf(1) });
  await fetch(`${server.url}/get-artifact?run_id=${run_id}&path=secret`);
  await fetch(`${server.url}/no/such/${run_id}`);
  await fetch(`${server.url}/health`, { method: "PROPFIND" });
  await context.write(async (transaction) => {
    const [row] = await transaction.all("SELECT number FROM runs");
    const line = {
      kind: "machine",
      seconds: 1,
      quantity: 0,
      unit: "",
      priceMicroUsdPerHour: 1,
      priceSource: "",
    };
    await addSpend(transaction, { ...line, run: Number(row?.["number"]), ms: 1, microUsd: 1_250_000 });
  });
  const found = await read();
  const requests = found("tunewise_http_requests_total");
  const route = (method: string, path: string, status: number, protocol = "mlflow"): string =>
    `tunewise_http_requests_total{protocol="${protocol}",method="${method}",route="${path}",status="${status}"}`;
  expect(Object.fromEntries(requests)).toEqual({
    [route("POST", "/api/2.0/mlflow/runs/create", 200)]: 1,
    [route("POST", "/api/2.0/mlflow/runs/log-batch", 200)]: 1,
    [route("POST", "/api/2.0/mlflow/runs/log-batch", 404)]: 1,
    [route("GET", "/get-artifact", 404)]: 1,
    [route("GET", "none", 404, "none")]: 1,
    [route("other", "none", 405)]: 1,
  });
  expect(JSON.stringify(requests)).not.toContain(run_id);
  expect(found("tunewise_points_received_total")).toEqual([["tunewise_points_received_total", 30]]);
  // commits: the run, its cached text, its points, its charge
  expect(found("tunewise_commit_requests_total")[0]?.[1]).toBe(4);
  expect(found("tunewise_commit_duration_seconds_count")[0]?.[1]).toBe(4);
  expect(found("tunewise_http_connections")[0]?.[1]).toBeGreaterThan(0);
  expect(found("tunewise_runs")).toEqual([['tunewise_runs{status="running"}', 1]]);
  expect(found("tunewise_spent_micro_usd")).toEqual([
    ['tunewise_spent_micro_usd{purpose="experiment"}', 1_250_000],
    ['tunewise_spent_micro_usd{purpose="production"}', 0],
  ]);
  expect(found("process_cpu_seconds_total")).toEqual([["process_cpu_seconds_total", 1.5]]);
  expect(found("tunewise_build_info")).toEqual([['tunewise_build_info{version="1.2.3",node="20.20.2"}', 1]]);
  await post("runs/set-tag", { run_id, key: "tunewise.purpose", value: "production" });
  expect((await read())("tunewise_spent_micro_usd")[0]?.[1]).toBe(1_250_000); // cached for some seconds
  later(5000);
  expect((await read())("tunewise_spent_micro_usd")).toEqual([
    ['tunewise_spent_micro_usd{purpose="experiment"}', 0],
    ['tunewise_spent_micro_usd{purpose="production"}', 1_250_000],
  ]);
});

test("connections are counted until they close; who leaves early is counted too", async () => {
  const { server, context, metrics } = await place();
  const open = async (): Promise<number | undefined> =>
    readPrometheus(await metrics.text(context))
      .get("tunewise_http_connections")
      ?.series.values()
      .next().value;
  expect(await open()).toBe(0);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
  );
  await expect.poll(open).toBe(1);
  socket.destroy();
  await expect.poll(open).toBe(0);
  await expect
    .poll(() => metrics.text(context))
    .toContain('route="/api/2.0/mlflow/runs/create",status="499"} 1\n');
});

test("a store that fails is asked again", async () => {
  const { server, context, read } = await place();
  const failing = {
    ...context,
    database: { ...context.database, all: () => Promise.reject(new Error("gone")) },
  };
  const metrics = createServerMetrics({
    versions: { tunewise: "1", node: "20" },
    readProcess: () => figures,
  });
  await expect(metrics.text(failing)).rejects.toThrow("gone");
  expect(readPrometheus(await metrics.text(context)).has("tunewise_runs")).toBe(true);
  expect((await read())("tunewise_runs")).toEqual([]);
  expect(server.port).toBeGreaterThan(0);
});
