/** @file tunewise's own routes: commands within a budget, charges and spend of runs, and stop requests. */

import {
  addProject,
  chargeTracked,
  createKeptAnswers,
  defaultLaunchProject,
  findProject,
  findTrackedRun,
  grantMaker,
  type Project,
  type Reader,
  readBudgets,
  readStop,
  reportSpending,
  requestStop,
  storeLaunchRegistry,
  type TrackedRun,
  type TrackingContext,
  type Transaction,
} from "@tunewise/tracker";
import {
  type About,
  type Caller,
  type FieldsRoute,
  fieldsRoute,
  type Protocol,
  type Route,
  requireSubjects,
  type Scope,
} from "@tunewise/tracker/http";
import { z } from "zod";
import { chargeBody, launchBody, readingBody, spendQuery, stopBody } from "./bodies.ts";
import { errorShape, invalidBody, refuse } from "./refuse.ts";

const maxBodyBytes = 64 * 1024;

/** Creates tunewise's own protocol. */
export function tunewiseProtocol(context: TrackingContext): Protocol {
  return {
    name: "tunewise",
    refuse,
    error: errorShape,
    shapes,
    about: "Commands under a budget, costs of runs of any client, and stop requests.",
    invalid: invalidBody,
    routes: [...launchRoutes(context), ...runRoutes(context), ...moneyRoutes(context)],
  };
}

const shapes = {
  Group: "name! runs!:int microUsd!:int seconds!:number",
  Waste: "id! kind! microUsd!:int sentence!",
  SpendMonth: "name! experiment!:int production!:int wasted!:int",
  Budget: "project:int projectName period! microUsd!:int spentMicroUsd!:int",
};

/** Creates a route: `GET` requires the role read, `POST` the role write. */
function route<Fields>({ path, ...rest }: Omit<FieldsRoute<Fields>, "policy" | "maxBodyBytes">): Route {
  const isRead = rest.method === "GET";
  return fieldsRoute({
    ...rest,
    path: `/api/tunewise/v1/${path}`,
    policy: isRead ? "read" : "write",
    maxBodyBytes: isRead ? 0 : maxBodyBytes,
  });
}

const nothing = z.object({});

/** The project of the run that the path names. */
function aboutRun<Fields>({ database }: TrackingContext): About<Fields> {
  return {
    all: async (_, { params }) => [{ project: (await findTrackedRun(database, params["id"] ?? "")).project }],
  };
}

function launchRoutes(context: TrackingContext): Route[] {
  return [
    route({
      method: "POST",
      path: "launches",
      reads: launchBody,
      status: 201,
      gives: "id! similar warning launched_by",
      summary:
        "Register a command before it starts. 409 if the same command ran before, 403 if its budget is spent. `force` is the reason to run it anyway. `outer` is the id of the enclosing command, with which it shares metered seconds.",
      about: {
        all: async ({ project }) => {
          const found = await findProject(context.database, { name: project ?? defaultLaunchProject });
          return found ? [{ project: found.number }] : "new-project";
        },
      },
      handle: async (request, { caller }) => {
        const open = (transaction: Transaction, name: string, nowMs: number): Promise<Project> =>
          openFor(caller, transaction, name, nowMs);
        const { launchedBy, ...accepted } = await storeLaunchRegistry(context, caller.name, open).begin(
          request,
        );
        return { status: 201, body: { id: request.id, ...accepted, launched_by: launchedBy } };
      },
    }),
    route({
      method: "POST",
      path: "launches/:id/readings",
      about: aboutRun(context),
      reads: readingBody,
      summary:
        "Report the command's meter reading since its start. The increase is added to the ledger. Returns the reason if the command must stop.",
      gives: "stop",
      handle: async (report, { params }) => {
        const { id } = await findTrackedRun(context.database, params["id"] ?? "");
        return { status: 200, body: { stop: await storeLaunchRegistry(context).report(id, report) } };
      },
    }),
  ];
}

/** Checks the caller's rights again, since another user may have created the project since the first check. */
async function openFor(
  caller: Caller,
  transaction: Transaction,
  name: string,
  nowMs: number,
): Promise<Project> {
  const found = await findProject(transaction, { name });
  if (found) {
    await requireSubjects(caller, "write", [{ project: found.number }], transaction);
    return found;
  }
  const made = await addProject(transaction, { name, artifactRoot: null, tags: [], nowMs });
  await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
  return made;
}

function runRoutes(context: TrackingContext): Route[] {
  const { database, write, now } = context;
  const about = aboutRun(context);
  return [
    route({
      method: "GET",
      path: "runs/:id",
      about,
      reads: nothing,
      summary: "Get the status and cost of a run of any client. Times are milliseconds since 1970.",
      gives:
        "id! name! project!:int client! person! status! stage! started_ms!:int ended_ms:int seen_ms!:int fingerprint family spent_micro_usd!:int stop",
      handle: async (_, { params }) => {
        const run = await findTrackedRun(database, params["id"] ?? "");
        return { status: 200, body: await runBody(database, run) };
      },
    }),
    route({
      method: "GET",
      path: "runs/:id/stop",
      about,
      reads: nothing,
      gives: "stop!:bool reason",
      summary:
        "Get whether a run must stop. Training callbacks poll this URL, which is in TUNEWISE_STOP_URL.",
      handle: async (_, { params }) => {
        const { stopMs, number } = await findTrackedRun(database, params["id"] ?? "");
        return { status: 200, body: { stop: stopMs !== null, reason: await readStop(database, number) } };
      },
    }),
    route({
      method: "POST",
      path: "runs/:id/stop",
      about,
      reads: stopBody,
      gives: "stop!:bool",
      summary:
        "Request that a run save and stop. The first reason is stored. `stop` is false if the run has already ended; its status then stays the same.",
      handle: async ({ reason }, { params, caller }) => {
        const by = caller.name === "" ? "" : ` (${caller.name})`;
        const stop = await write(async (transaction) => {
          const { number } = await findTrackedRun(transaction, params["id"] ?? "");
          return requestStop(transaction, number, { by: "person", reason: `${reason}${by}` }, now());
        });
        return { status: 200, body: { stop } };
      },
    }),
    route({
      method: "POST",
      path: "runs/:id/charges",
      about,
      reads: chargeBody,
      status: 201,
      summary:
        "Charge a run for unmetered costs. Returns its total cost, and the reason if it must stop. `kind`: tokens, storage or other; `source`: the bill or price list, with its date. For safe retries, set `ms` to the time of the charge: a repeated charge counts once and returns 200. This URL is in TUNEWISE_CHARGE_URL.",
      gives: "spent_micro_usd!:int stop",
      handle: (fields, { params }) => {
        const nowMs = now();
        const charge = { ...fields, ms: fields.ms ?? nowMs };
        return write(async (transaction) => {
          const { run, isNew, stop } = await chargeTracked(transaction, params["id"] ?? "", charge, nowMs);
          return { status: isNew ? 201 : 200, body: { spent_micro_usd: run.spentMicroUsd, stop } };
        });
      },
    }),
  ];
}

/** Maximum groups and wasted runs of a cached reply; sums by run, with one group per run, are too large to cache. */
const keptRows = 5_000;

function moneyRoutes({ database, now }: TrackingContext): Route[] {
  const readSpending = createKeptAnswers({
    database,
    now,
    read: ({ request, readable }: SpendingQuestion) => reportSpending(database, request, readable),
    isSmall: ({ groups, waste }) => groups.length + waste.length < keptRows,
  });
  return [
    route({
      method: "GET",
      path: "spend",
      about: "readable",
      reads: spendQuery,
      summary:
        "Sum the ledger of readable projects by project, person, client, purpose, method, status, month, run or tag:KEY. Amounts are in micro-dollars.",
      gives:
        "by! microUsd!:int seconds!:number runs!:int groups!:Group[] purposes!:Group[] waste!:Waste[] months!:SpendMonth[]",
      handle: async ({ by, since, until }, { scope }) => {
        const request = { by, ...(since ? { since } : {}), ...(until ? { until } : {}) };
        const spending = await readSpending({ request, readable: scope.readable });
        return { status: 200, body: { by, ...spending } };
      },
    }),
    route({
      method: "GET",
      path: "budgets",
      about: "readable",
      reads: nothing,
      gives: "budgets!:Budget[]",
      summary: "List budgets of readable projects, with the amount spent.",
      handle: async (_, { scope }) => ({
        status: 200,
        body: { budgets: await readBudgets(database, now(), scope.readable) },
      }),
    }),
  ];
}

interface SpendingQuestion {
  readonly request: Parameters<typeof reportSpending>[1];
  readonly readable: Scope["readable"];
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
