/**
 * @file Routes about assessments of traces: feedback of people and scorers, and expectations.
 *
 * @source mlflow/mlflow mlflow/protos/assessments.proto; mlflow/store/tracking/sqlalchemy_store.py, create_assessment,
 *   update_assessment, delete_assessment
 */

import { z } from "zod";
import type { Route } from "../../../http/index.ts";
import {
  type AssessmentKind,
  addAssessment,
  changeAssessment,
  findAssessment,
  findTrace,
  type NewAssessment,
  removeAssessment,
} from "../../../index.ts";
import { type ApiVersion, endpoint } from "../endpoint.ts";
import { type Fields, field, fieldsOf, invalid, itemField, ValidationError } from "../fields.ts";
import { someText } from "../models/checks.ts";
import type { MlflowContext } from "../places.ts";
import { invalidParameter } from "../refuse.ts";
import { aboutTrace, traceId } from "../subjects.ts";
import { assessmentBody } from "./wire.ts";

const versions: readonly ApiVersion[] = ["3.0", "2.0"];
/** Maximum characters of an assessment's JSON; rationales of judges are a few sentences. */
const maxDocument = 100_000;
const maxBodyBytes = 1_000_000;

const kinds: readonly AssessmentKind[] = ["feedback", "expectation", "issue"];
/** Fields that a client may set. */
const chosen = [
  "assessment_name",
  "span_id",
  "source",
  "rationale",
  "metadata",
  "overrides",
  ...kinds,
] as const;

const assessment = field(
  { type: "object" },
  (value) => {
    if (value === undefined) throw new ValidationError(undefined);
    return fieldsOf(value);
  },
  true,
);

/** Mask of the fields to change: names separated by commas, in either of protobuf's spellings. */
const mask = field({ type: "string" }, (value) => {
  const names =
    typeof value === "string" ? value.split(",") : (value as { paths?: unknown } | undefined)?.paths;
  if (!Array.isArray(names) || names.length === 0 || names.length > 20) throw new ValidationError(value);
  return names.map((name) =>
    String(name)
      .trim()
      .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
});

/** Routes of assessments. */
export function assessmentRoutes(context: MlflowContext): Route[] {
  const { database } = context;
  const about = aboutTrace(context);
  const one = { path: "mlflow/traces/:id/assessments/:assessment", about, maxBodyBytes } as const;
  const gives = "assessment:object";
  return [
    ...endpoint(
      {
        method: "POST",
        path: "mlflow/traces/:id/assessments",
        policy: "write",
        about,
        maxBodyBytes,
        summary: "Create an assessment of a trace.",
        gives,
        reads: z.object({ assessment }),
        answer: ({ assessment: fields }, { params }) => add(context, traceId(params["id"]), fields),
      },
      versions,
    ),
    ...endpoint(
      {
        ...one,
        method: "GET",
        policy: "read",
        summary: "Get an assessment of a trace.",
        gives,
        reads: z.object({}),
        answer: async (_, { params }) => {
          const trace = await findTrace(database, traceId(params["id"]));
          const found = await findAssessment(database, trace.number, assessmentId(params));
          return { assessment: assessmentBody(trace.id, found) };
        },
      },
      versions,
    ),
    ...endpoint(
      {
        ...one,
        method: "PATCH",
        policy: "write",
        summary: "Update an assessment of a trace.",
        gives,
        reads: z.object({ assessment, update_mask: mask }),
        answer: (fields, { params }) => change(context, traceId(params["id"]), assessmentId(params), fields),
      },
      versions,
    ),
    ...endpoint(
      {
        ...one,
        method: "DELETE",
        policy: "write",
        summary: "Delete an assessment of a trace.",
        reads: z.object({}),
        answer: (_, { params }) => remove(context, traceId(params["id"]), assessmentId(params)),
      },
      versions,
    ),
  ];
}

function assessmentId(params: Readonly<Record<string, string>>): string {
  const id = params["assessment"] ?? "";
  if (/^[a-zA-Z0-9][\w-]{0,127}$/.test(id)) return id;
  throw invalidParameter(`Invalid assessment ID: '${id.slice(0, 60)}'`);
}

async function add({ write, newId, now }: MlflowContext, trace: string, fields: Fields): Promise<object> {
  const document = documentFrom(fields);
  const added = readDocument(`a-${newId()}`, document);
  return write(async (transaction) => {
    const { number } = await findTrace(transaction, trace);
    const kept = await addAssessment(transaction, number, added, overriddenBy(document), now());
    return { assessment: assessmentBody(trace, kept) };
  });
}

async function change(
  { write, now }: MlflowContext,
  trace: string,
  id: string,
  {
    assessment: fields,
    update_mask,
  }: { readonly assessment: Fields; readonly update_mask: readonly string[] },
): Promise<object> {
  return write(async (transaction) => {
    const { number } = await findTrace(transaction, trace);
    const before = JSON.parse((await findAssessment(transaction, number, id)).document) as Fields;
    const after: Record<string, unknown> = { ...before };
    for (const name of update_mask) {
      const found = chosen.find((one) => one === name);
      if (found === undefined || found === "overrides") throw invalid("update_mask", name);
      const value = fields[found];
      after[found] = found === "metadata" ? { ...(before[found] as object), ...(value as object) } : value;
    }
    const changed = readDocument(id, documentFrom(after));
    return { assessment: assessmentBody(trace, await changeAssessment(transaction, number, changed, now())) };
  });
}

async function remove({ write }: MlflowContext, trace: string, id: string): Promise<object> {
  await write(async (transaction) => {
    const { number } = await findTrace(transaction, trace);
    const found = await findAssessment(transaction, number, id);
    await removeAssessment(transaction, number, id, overriddenBy(JSON.parse(found.document) as Fields));
  });
  return {};
}

function overriddenBy({ overrides }: Fields): string | null {
  return typeof overrides === "string" && overrides !== "" ? overrides : null;
}

/** The fields that a client may set; the server sets others, such as times. */
function documentFrom(fields: Fields): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const name of chosen)
    if (fields[name] !== undefined && fields[name] !== null) document[name] = fields[name];
  return document;
}

function readDocument(id: string, document: Fields): NewAssessment {
  const name = itemField(document, "assessment_name", someText(250));
  const [kind, another] = kinds.filter((one) => document[one] !== undefined);
  if (kind === undefined || another !== undefined) {
    throw invalidParameter("An assessment has exactly one of feedback, expectation and issue.");
  }
  for (const field of [kind, "source", "metadata"])
    if (document[field] !== undefined) fieldsOf(document[field]);
  const text = JSON.stringify(document);
  if (text.length > maxDocument)
    throw invalid("assessment", text.length, `at most ${maxDocument} letters of JSON`);
  if (text.includes("\\u0000")) throw invalidParameter("An assessment holds no NUL letters.");
  return { id, name, kind, value: valueText(fieldsOf(document[kind])), document: text };
}

/** A scalar value as text, for comparisons in searches; `null` for lists and objects. */
function valueText({ value }: Fields): string | null {
  if (typeof value === "string") return value.slice(0, 1000);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
