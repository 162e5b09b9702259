/**
 * @file Routes of traces in the second version of the protocol, for clients of MLflow 2: start, end, read and search.
 *
 * @source mlflow/mlflow v2.22 mlflow/protos/service.proto: StartTrace, EndTrace, GetTraceInfo, SearchTraces
 */

import { z } from "zod";
import type { Route } from "../../../http/index.ts";
import { endTrace, findTrace, putTrace, type TraceState } from "../../../index.ts";
import { endpoint } from "../endpoint.ts";
import { field, integer, ValidationError } from "../fields.ts";
import { experimentFields, experimentNumbers, findActiveExperiment } from "../find.ts";
import type { MlflowContext } from "../places.ts";
import { aboutExperiment, aboutTrace, amongExperiments, traceId } from "../subjects.ts";
import { factsIn, stateOf } from "./trace-fields.ts";
import { bodiesOf, bodyOf, searchFields, searchPage } from "./trace-routes.ts";
import { legacyBody } from "./wire.ts";

const maxBodyBytes = 4_000_000;
const maxExperiments = 1_000;

const ms = field({ type: "integer", format: "int64" }, (value) => {
  const number = typeof value === "string" ? Number(value) : value;
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
  throw new ValidationError(value);
});

const facts = (name: string) => field({ type: "array" }, (value) => factsIn(value, name));
const saidFields = { timestamp_ms: ms, request_metadata: facts("request_metadata"), tags: facts("tags") };

/** Routes of MLflow 2 about traces. */
export function legacyTraceRoutes(context: MlflowContext): Route[] {
  const { database, write, newId } = context;
  const about = aboutTrace(context);
  return [
    ...endpoint({
      method: "POST",
      path: "mlflow/traces",
      policy: "write",
      about: aboutExperiment(context),
      summary: "Start a trace.",
      gives: "trace_info:TraceInfoV2",
      maxBodyBytes,
      reads: z.object({ ...experimentFields, ...saidFields }),
      answer: async (fields) => {
        const trace = await write(async (transaction) => {
          await findActiveExperiment(transaction, fields);
          return putTrace(transaction, {
            id: `tr-${newId()}`,
            project: fields.experiment_id,
            requestedMs: fields.timestamp_ms,
            durationMs: null,
            state: "IN_PROGRESS" as TraceState,
            clientRequestId: null,
            requestPreview: null,
            responsePreview: null,
            tags: fields.tags,
            metadata: fields.request_metadata,
          });
        });
        return { trace_info: await bodyOf(context, database, trace, legacyBody) };
      },
    }),
    ...endpoint({
      method: "PATCH",
      path: "mlflow/traces/:id",
      policy: "write",
      about,
      maxBodyBytes,
      summary: "End a trace. Its spans are uploaded afterwards as a file.",
      gives: "trace_info:TraceInfoV2",
      reads: z.object({ ...saidFields, status: field({ type: "string" }, stateOf) }),
      answer: async ({ timestamp_ms, status, tags, request_metadata }, { params }) => {
        const end = { endedMs: timestamp_ms, state: status, tags, metadata: request_metadata };
        const trace = await write((transaction) => endTrace(transaction, traceId(params["id"]), end));
        return { trace_info: await bodyOf(context, database, trace, legacyBody) };
      },
    }),
    ...endpoint({
      method: "GET",
      path: "mlflow/traces/:id/info",
      policy: "read",
      about,
      summary: "Get a trace without its spans.",
      gives: "trace_info:TraceInfoV2",
      reads: z.object({}),
      answer: async (_, { params }) => {
        const trace = await findTrace(database, traceId(params["id"]));
        return { trace_info: await bodyOf(context, database, trace, legacyBody) };
      },
    }),
    ...endpoint({
      method: "GET",
      path: "mlflow/traces",
      policy: "read",
      about: amongExperiments,
      summary: "Search traces with a filter, page by page.",
      gives: "traces:TraceInfoV2[] next_page_token",
      reads: z.object({
        ...searchFields,
        experiment_ids: experimentNumbers(bounded, true),
        max_results: few,
      }),
      answer: async (fields, { scope }) => {
        const { items, token } = await searchPage(context, fields, scope.projects);
        return { traces: await bodiesOf(context, items, legacyBody), next_page_token: token };
      },
    }),
  ];
}

const few = integer.transform((value) => Math.min(Math.max(value ?? 100, 1), 500));

function bounded(count: number | null): void {
  if (count === null) throw new ValidationError(undefined);
  if (count > maxExperiments) throw new ValidationError(count, `at most ${maxExperiments}`);
}
