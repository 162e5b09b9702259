/**
 * @file Routes that record completed traces, and find, tag, link and remove them. Spans are a file that clients
 * transfer like any artifact.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py; mlflow/store/tracking/rest_store.py
 */

import { z } from "zod";
import { fieldsRoute, type Route } from "../../../http/index.ts";
import {
  dropTraceTag,
  findProject,
  findTrace,
  findTraces,
  type KeyValue,
  linkTraces,
  putTrace,
  putTraceTags,
  removeTraces,
  searchTraces,
  type Trace,
  type TraceSearch,
} from "../../../index.ts";
import { type ApiVersion, endpoint, pair } from "../endpoint.ts";
import {
  integer,
  list,
  pageSize,
  requiredText,
  type Shape,
  textBy,
  textsBy,
  ValidationError,
} from "../fields.ts";
import { experimentFields, findActiveExperiment, findActiveRun, runFields } from "../find.ts";
import { boundedText } from "../models/checks.ts";
import { offset, pageOf } from "../pages.ts";
import { type MlflowContext, traceKey } from "../places.ts";
import { invalidParameter, notFound } from "../refuse.ts";
import { file, sendArtifact } from "../send-artifact.ts";
import { aboutExperiment, aboutRun, aboutTrace, traceId, traceSubjects } from "../subjects.ts";
import { experimentIn, newTraceFields, tagFields, traceIds } from "./trace-fields.ts";
import { readTraceFilter, readTraceOrder } from "./trace-filter.ts";
import { traceBody } from "./wire.ts";

const both: readonly ApiVersion[] = ["2.0", "3.0"];
const third: readonly ApiVersion[] = ["3.0"];
const maxBodyBytes = 4_000_000;
/** Maximum traces of a request. */
const maxTraces = 1_000;

/** Routes of the third version of the protocol, and those shared by both versions. */
export function traceRoutes(context: MlflowContext): Route[] {
  return [
    ...keepingRoutes(context),
    ...findingRoutes(context),
    ...changingRoutes(context),
    ...manyRoutes(context),
    fileRoute(context),
  ].flat();
}

function keepingRoutes(context: MlflowContext): Route[] {
  const { database, write } = context;
  return endpoint(
    {
      method: "POST",
      path: "mlflow/traces",
      policy: "write",
      reads: newTraceFields,
      maxBodyBytes,
      about: { all: async ({ trace }) => [{ project: trace.project }] },
      summary: "Create a completed trace. Its spans are uploaded afterwards as a file.",
      gives: "trace:Trace",
      answer: async ({ trace }) => {
        const kept = await write(async (transaction) => {
          await findActiveExperiment(transaction, { experiment_id: trace.project });
          return putTrace(transaction, trace);
        });
        return { trace: { trace_info: await bodyOf(context, database, kept) } };
      },
    },
    third,
  );
}

const locations = list({ items: { type: "object" } }, (items) => {
  if (items.length > maxTraces) throw new ValidationError(items.length, `at most ${maxTraces}`);
  return items.map(experimentIn);
});

/** Parsed fields of a search. */
export interface RequestedTraces {
  readonly filter: string | undefined;
  readonly order_by: readonly string[];
  readonly max_results: number;
  readonly page_token: number;
}

/** Schemas of `AskedTraces`. */
export const searchFields: Shape<RequestedTraces> = {
  filter: boundedText(20_000),
  order_by: textsBy((items) => items),
  max_results: pageSize(100, 1_000_000, "it must be from 1 to 1000000"),
  page_token: offset,
};

/** Returns a page of traces. */
export async function searchPage(
  { database }: MlflowContext,
  fields: RequestedTraces,
  projects: readonly number[],
): Promise<{ readonly items: readonly Trace[]; readonly token: string | undefined }> {
  // Clients sometimes request all traces; the rest follows in further pages.
  const limit = Math.min(fields.max_results, 500);
  const search: TraceSearch = {
    conditions: readTraceFilter(fields.filter ?? ""),
    order: readTraceOrder(fields.order_by),
    projects,
    limit: limit + 1,
    offset: fields.page_token,
  };
  return pageOf(await searchTraces(database, search), limit, fields.page_token);
}

const placedSearch = z.object({ locations, ...searchFields });

function findingRoutes(context: MlflowContext): Route[] {
  const { database } = context;
  return [
    ...endpoint(
      {
        method: "GET",
        path: "mlflow/traces/:id",
        policy: "read",
        about: aboutTrace(context),
        summary: "Get a trace without its spans.",
        gives: "trace:Trace",
        reads: z.object({}),
        answer: async (_, { params }) => {
          const trace = await findTrace(database, traceId(params["id"]));
          return { trace: { trace_info: await bodyOf(context, database, trace) } };
        },
      },
      third,
    ),
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/search",
        policy: "read",
        maxBodyBytes,
        about: { among: async (fields: z.infer<typeof placedSearch>) => fields.locations },
        summary: "Search traces with a filter, page by page.",
        gives: "traces:TraceInfo[] next_page_token",
        reads: placedSearch,
        answer: async (fields, { scope }) => {
          const { items, token } = await searchPage(context, fields, scope.projects);
          return { traces: await bodiesOf(context, items), next_page_token: token };
        },
      },
      third,
    ),
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/batchGetInfos",
        policy: "read",
        maxBodyBytes,
        about: {
          all: async ({ trace_ids }: { trace_ids: readonly string[] }) => traceSubjects(context, trace_ids),
        },
        summary: "Get several traces by id, without spans.",
        gives: "trace_infos:TraceInfo[]",
        reads: z.object({ trace_ids: traceIds(maxTraces, true) }),
        answer: async ({ trace_ids }) => ({
          trace_infos: await bodiesOf(context, await findTraces(database, trace_ids)),
        }),
      },
      third,
    ),
  ];
}

function changingRoutes(context: MlflowContext): Route[] {
  const { write } = context;
  const base = { policy: "write", about: aboutTrace(context), maxBodyBytes } as const;
  return [
    ...endpoint(
      {
        ...base,
        method: "PATCH",
        path: "mlflow/traces/:id/tags",
        summary: "Set a tag of a trace.",
        reads: tagFields,
        answer: async (fact: KeyValue, { params }) => {
          await write((transaction) => putTraceTags(transaction, traceId(params["id"]), [fact]));
          return {};
        },
      },
      both,
    ),
    ...endpoint(
      {
        ...base,
        method: "DELETE",
        path: "mlflow/traces/:id/tags",
        summary: "Delete a tag of a trace.",
        reads: z.object({ key: requiredText }),
        answer: async ({ key }, { params }) => {
          const id = traceId(params["id"]);
          if (await write((transaction) => dropTraceTag(transaction, id, key))) return {};
          throw notFound(`No trace tag with key '${key.slice(0, 250)}' for trace with ID '${id}'`);
        },
      },
      both,
    ),
  ];
}

function manyRoutes(context: MlflowContext): Route[] {
  const { write } = context;
  return [
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/delete-traces",
        policy: "write",
        maxBodyBytes,
        about: aboutExperiment(context),
        reads: deleteFields,
        gives: "traces_deleted:int",
        summary: "Permanently delete traces with their spans.",
        answer: async (fields) => ({ traces_deleted: await remove(context, fields) }),
      },
      both,
    ),
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/link-to-run",
        policy: "write",
        maxBodyBytes,
        about: linkedSubjects(context),
        reads: linkFields,
        summary: "Link traces to a run.",
        answer: async ({ trace_ids, ...fields }) => {
          await write(async (transaction) => {
            const run = await findActiveRun(transaction, fields);
            await linkTraces(transaction, run.number, trace_ids);
          });
          return {};
        },
      },
      both,
    ),
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/link-prompts",
        policy: "write",
        maxBodyBytes,
        about: {
          all: async ({ trace_id }: z.infer<typeof promptFields>) =>
            traceSubjects(context, [traceId(trace_id)]),
        },
        reads: promptFields,
        summary: "Link prompt versions to a trace, in one of its tags.",
        answer: async ({ trace_id, prompt_versions }) => {
          const value = JSON.stringify(prompt_versions);
          if (value.length > 8_000) throw invalidParameter("These are too many prompts for one trace.");
          const tag = { key: "mlflow.linkedPrompts", value };
          await write((transaction) => putTraceTags(transaction, traceId(trace_id), [tag]));
          return {};
        },
      },
      both,
    ),
  ];
}

const linkFields = z.object({ ...runFields, trace_ids: traceIds(100, true) });

function linkedSubjects(context: MlflowContext): Route<z.infer<typeof linkFields>>["about"] {
  const run = aboutRun(context) as {
    all: (fields: object, call: never) => Promise<readonly { project: number }[]>;
  };
  return {
    all: async (fields, call) => [
      ...(await run.all(fields, call as never)),
      ...(await traceSubjects(context, fields.trace_ids)),
    ],
  };
}

const promptFields = z.object({
  trace_id: requiredText,
  prompt_versions: list({ items: { type: "object" } }, (items) =>
    items.slice(0, 100).map((item) => {
      const { name, version } = (item ?? {}) as { name?: unknown; version?: unknown };
      if (typeof name !== "string" || typeof version !== "string") throw new ValidationError(items);
      return { name, version };
    }),
  ),
});

const deleteFields = z.object({
  ...experimentFields,
  max_timestamp_millis: integer,
  max_traces: integer,
  request_ids: traceIds(maxTraces),
  trace_ids: traceIds(maxTraces),
});

/** Removes rows before files, so that files left by an interruption belong to no trace; `store purge` clears them. */
async function remove(
  { write, artifacts }: MlflowContext,
  fields: z.infer<typeof deleteFields>,
): Promise<number> {
  const { experiment_id: project, max_timestamp_millis: beforeMs, max_traces } = fields;
  const ids = [...fields.request_ids, ...fields.trace_ids];
  if (ids.length > 0 === (beforeMs !== undefined)) {
    throw invalidParameter("Either `max_timestamp_millis` or `trace_ids` must be specified, but not both.");
  }
  if (max_traces !== undefined && (max_traces <= 0 || ids.length > 0)) {
    throw invalidParameter("`max_traces` must be above 0, and goes with `max_timestamp_millis` alone.");
  }
  const choice = ids.length > 0 ? { ids } : { beforeMs: beforeMs ?? 0 };
  const most = Math.min(max_traces ?? maxTraces, maxTraces);
  const removed = await write((transaction) => removeTraces(transaction, project, { ...choice, most }));
  for (const id of removed) await artifacts.remove(traceKey(project, id));
  return removed.length;
}

/** The file of spans, for pages. */
function fileRoute({ database, artifacts, ...context }: MlflowContext): Route[] {
  const reads = z.object({ request_id: textBy((id) => traceId(id), true), path: boundedText(1000) });
  return pair(
    fieldsRoute({
      method: "GET",
      path: "mlflow/get-trace-artifact",
      policy: "read",
      maxBodyBytes: 0,
      about: {
        all: async ({ request_id }: z.infer<typeof reads>) =>
          traceSubjects({ database, artifacts, ...context }, [request_id]),
      },
      summary: "Download the spans of a trace as a file.",
      type: file,
      reads,
      handle: async ({ request_id }, { request }) => {
        const { project, id } = await findTrace(database, request_id);
        return sendArtifact(artifacts, `${traceKey(project, id)}/artifacts/traces.json`, request);
      },
    }),
    both,
  );
}

/** Body of a trace, with the address of its spans. */
export async function bodyOf(
  { places }: MlflowContext,
  reader: MlflowContext["database"],
  trace: Trace,
  write: typeof traceBody = traceBody,
): Promise<object> {
  const project = await findProject(reader, { number: trace.project });
  if (!project) throw new Error("Internal: a trace without its project");
  return write(places, project, trace);
}

/** Bodies of traces, with the addresses of their spans. */
export async function bodiesOf(
  context: MlflowContext,
  traces: readonly Trace[],
  write: typeof traceBody = traceBody,
): Promise<object[]> {
  const bodies: object[] = [];
  const projects = new Map<number, Awaited<ReturnType<typeof findProject>>>();
  for (const trace of traces) {
    const known =
      projects.get(trace.project) ?? (await findProject(context.database, { number: trace.project }));
    projects.set(trace.project, known);
    if (known) bodies.push(write(context.places, known, trace));
  }
  return bodies;
}
