/** @file tunewise's own routes: commands in a budget, the money of runs, and the wish that one stops. */
import {
  chargeTracked,
  defaultLaunchProject,
  reportSpending,
  storeLaunchRegistry,
  type TrackingContext,
} from "../../../app/tracking/index.ts";
import { TunewiseError } from "../../../problem/index.ts";
import {
  addProject,
  findProject,
  findTrackedRun,
  grantMaker,
  type Project,
  type Reader,
  readBudgets,
  readStop,
  requestStop,
  type TrackedRun,
  type Transaction,
} from "../../../track/index.ts";
import { demandSubjects } from "../access/authorize.ts";
import {
  type About,
  type AllowedCall,
  type Caller,
  type Protocol,
  Refused,
  type Reply,
  type Route,
} from "../route.ts";
import { chargeBody, launchBody, readBody, readingBody, stopBody } from "./bodies.ts";
import { tunewiseDocs } from "./docs.ts";

const prefix = "/api/tunewise/v1";
const bodyBytesMost = 64 * 1024;

/** The protocol over a desk. */
export function tunewiseProtocol(desk: TrackingContext): Protocol {
  return {
    name: "tunewise",
    refuse,
    docs: tunewiseDocs,
    routes: [...launchRoutes(desk), ...runRoutes(desk), ...moneyRoutes(desk)],
  };
}

function post(path: string, about: About, handle: (call: AllowedCall) => Promise<Reply>): Route {
  return { method: "POST", path: `${prefix}/${path}`, policy: "write", about, bodyBytesMost, handle };
}

function get(path: string, about: About, handle: (call: AllowedCall) => Promise<Reply>): Route {
  return { method: "GET", path: `${prefix}/${path}`, policy: "read", about, bodyBytesMost: 0, handle };
}

/** The project of the run that the path names. */
function aboutRun({ database }: TrackingContext): About {
  return {
    all: async ({ words }) => [{ project: (await findTrackedRun(database, words["id"] ?? "")).project }],
  };
}

function launchRoutes(desk: TrackingContext): Route[] {
  const about: About = {
    all: async ({ json }) => {
      const { project } = readBody(launchBody, await json());
      const found = await findProject(desk.database, { name: project ?? defaultLaunchProject });
      return found ? [{ project: found.number }] : "new-project";
    },
  };
  return [
    post("launches", about, async ({ json, caller }) => {
      const request = readBody(launchBody, await json());
      const open = (transaction: Transaction, name: string, nowMs: number): Promise<Project> =>
        openFor(caller, transaction, name, nowMs);
      const accepted = await storeLaunchRegistry(desk, caller.name, open).begin(request);
      return { status: 201, body: { id: request.id, ...accepted } };
    }),
    post("launches/:id/readings", aboutRun(desk), async ({ json, words }) => {
      const { id } = await findTrackedRun(desk.database, words["id"] ?? "");
      const stop = await storeLaunchRegistry(desk).report(id, readBody(readingBody, await json()));
      return { status: 200, body: { stop } };
    }),
  ];
}

/** Somebody else may have made the project since the caller's rights were looked at: they are looked at again. */
async function openFor(
  caller: Caller,
  transaction: Transaction,
  name: string,
  nowMs: number,
): Promise<Project> {
  const found = await findProject(transaction, { name });
  if (found) {
    await demandSubjects(caller, "write", [{ project: found.number }], transaction);
    return found;
  }
  const made = await addProject(transaction, { name, artifactRoot: null, tags: [], nowMs });
  await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
  return made;
}

function runRoutes(desk: TrackingContext): Route[] {
  return [
    get("runs/:id", aboutRun(desk), async ({ words }) => {
      const run = await findTrackedRun(desk.database, words["id"] ?? "");
      return { status: 200, body: await runBody(desk.database, run) };
    }),
    get("runs/:id/stop", aboutRun(desk), async ({ words }) => {
      const run = await findTrackedRun(desk.database, words["id"] ?? "");
      return {
        status: 200,
        body: { stop: run.stopMs !== null, reason: await readStop(desk.database, run.number) },
      };
    }),
    post("runs/:id/stop", aboutRun(desk), async ({ words, json, caller }) => {
      const { reason } = readBody(stopBody, await json());
      const by = caller.name === "" ? "" : ` (${caller.name})`;
      await desk.write(async (transaction) => {
        const { number } = await findTrackedRun(transaction, words["id"] ?? "");
        await requestStop(transaction, number, `${reason}${by}`, desk.now());
      });
      return { status: 200, body: { stop: true } };
    }),
    post("runs/:id/charges", aboutRun(desk), async ({ words, json }) => {
      const body = readBody(chargeBody, await json());
      const nowMs = desk.now();
      const charge = { ...body, ms: body.ms ?? nowMs };
      return desk.write(async (transaction) => {
        const { run, isNew } = await chargeTracked(transaction, words["id"] ?? "", charge, nowMs);
        const stop = await readStop(transaction, run.launchedBy ?? run.number);
        return { status: isNew ? 201 : 200, body: { spent_micro_usd: run.spentMicroUsd, stop } };
      });
    }),
  ];
}

function moneyRoutes(desk: TrackingContext): Route[] {
  return [
    get("spend", "readable", async ({ query, scope }) => {
      const [since, until] = [query.get("since"), query.get("until")];
      const by = query.get("by") ?? "project";
      const request = { by, ...(since ? { since } : {}), ...(until ? { until } : {}) };
      const spending = await reportSpending(desk.database, request, scope.readable);
      return { status: 200, body: { by, ...spending } };
    }),
    get("budgets", "readable", async ({ scope }) => ({
      status: 200,
      body: { budgets: await readBudgets(desk.database, desk.now(), scope.readable) },
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

/** Problems a client can do something about, with their statuses. None is one that clients repeat. */
const statuses: ReadonlyMap<string, number> = new Map([
  ["RUN_NOT_FOUND", 404],
  ["RUN_DELETED", 409],
  ["RUN_EXISTS", 409],
  ["RUN_DUPLICATE", 409],
  ["SHARED_BUDGET_SPENT", 403],
  ["SPEND_GROUP_UNKNOWN", 400],
  ["SPEND_DAY_INVALID", 400],
]);

/** The reply for something thrown. What is none of the client's business stays here. */
function refuse(error: unknown): Reply {
  if (error instanceof Refused) {
    const { status, reason: code, message } = error;
    return { status, body: { error: { code, message } } };
  }
  const status = TunewiseError.is(error) ? statuses.get(error.code) : undefined;
  if (TunewiseError.is(error) && status !== undefined) {
    const { code, message, params, fix } = error;
    return { status, body: { error: { code, message, about: params, fix } } };
  }
  return { status: 500, body: { error: { code: "internal", message: "The server failed to answer." } } };
}
