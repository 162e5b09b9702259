/**
 * @file tunewise's own routes: commands in a budget, the money of runs, and the wish that one stops.
 */
import { type Desk, deskRegistrar, reportSpending } from "../../../flow/index.ts";
import {
  findTrackedRun,
  type Reader,
  readBudgets,
  readStop,
  requestStop,
  type TrackedRun,
} from "../../../track/index.ts";
import type { Call, Protocol, Reply, Route } from "../route.ts";
import { launchBody, readBody, readingBody, stopBody } from "./bodies.ts";
import { refuse } from "./refuse.ts";

const prefix = "/api/tunewise/v1";
const bodyBytesMost = 64 * 1024;

/** The protocol over a desk. */
export function tunewiseProtocol(desk: Desk): Protocol {
  return {
    name: "tunewise",
    refuse,
    routes: [...launchRoutes(desk), ...runRoutes(desk), ...moneyRoutes(desk)],
  };
}

function post(path: string, handle: (call: Call) => Promise<Reply>): Route {
  return { method: "POST", path: `${prefix}/${path}`, policy: "write", bodyBytesMost, handle };
}

function get(path: string, handle: (call: Call) => Promise<Reply>): Route {
  return { method: "GET", path: `${prefix}/${path}`, policy: "read", bodyBytesMost: 0, handle };
}

function launchRoutes(desk: Desk): Route[] {
  const registrar = deskRegistrar(desk);
  return [
    post("launches", async ({ json, caller }) => {
      const request = readBody(launchBody, await json());
      const person = caller.name || request.person;
      return { status: 201, body: { id: request.id, ...(await registrar.begin({ ...request, person })) } };
    }),
    post("launches/:id/readings", async ({ json, words }) => {
      const stop = await registrar.report(words["id"] ?? "", readBody(readingBody, await json()));
      return { status: 200, body: { stop } };
    }),
  ];
}

function runRoutes(desk: Desk): Route[] {
  return [
    get("runs/:id", async ({ words }) => {
      const run = await findTrackedRun(desk.database, words["id"] ?? "");
      return { status: 200, body: await runBody(desk.database, run) };
    }),
    get("runs/:id/stop", async ({ words }) => {
      const run = await findTrackedRun(desk.database, words["id"] ?? "");
      return {
        status: 200,
        body: { stop: run.stopMs !== null, reason: await readStop(desk.database, run.number) },
      };
    }),
    post("runs/:id/stop", async ({ words, json, caller }) => {
      const { reason } = readBody(stopBody, await json());
      const by = caller.name === "" ? "" : ` (${caller.name})`;
      await desk.write(async (transaction) => {
        const { number } = await findTrackedRun(transaction, words["id"] ?? "");
        await requestStop(transaction, number, `${reason}${by}`, desk.now());
      });
      return { status: 200, body: { stop: true } };
    }),
  ];
}

function moneyRoutes(desk: Desk): Route[] {
  return [
    get("spend", async ({ query }) => {
      const [since, until] = [query.get("since"), query.get("until")];
      const by = query.get("by") ?? "project";
      const request = { by, ...(since ? { since } : {}), ...(until ? { until } : {}) };
      return { status: 200, body: { by, ...(await reportSpending(desk.database, request)) } };
    }),
    get("budgets", async () => ({
      status: 200,
      body: { budgets: await readBudgets(desk.database, desk.now()) },
    })),
  ];
}

async function runBody(reader: Reader, run: TrackedRun): Promise<object> {
  return {
    id: run.id,
    name: run.name,
    project: run.project,
    client: run.client,
    person: run.person,
    status: run.status,
    stage: run.stage,
    started_ms: run.startedMs,
    ended_ms: run.endedMs,
    seen_ms: run.seenMs,
    fingerprint: run.fingerprint,
    family: run.family,
    spent_micro_usd: run.spentMicroUsd,
    stop: await readStop(reader, run.number),
  };
}
