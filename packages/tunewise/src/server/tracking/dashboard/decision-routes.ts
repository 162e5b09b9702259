/** @file Routes of decisions: the list, and a single one with its evidence, also as a file to download. */

import { findTrackedRun } from "@tunewise/tracker";
import { type About, fieldsRoute, HttpError, type JsonSchema, type Route } from "@tunewise/tracker/http";
import { z } from "zod";
import {
  type DashboardContext,
  exportDecision,
  listDecisions,
  readDecision,
} from "../../../app/dashboard/index.ts";
import { bool, int, list, named, number, orNull, record, text } from "./schema.ts";
import { snakeKeys } from "./wire.ts";

/** Shapes by name. */
export const decisionShapes: Readonly<Record<string, JsonSchema>> = {
  ListedDecision: record({
    id: text,
    name: text,
    project_name: text,
    started_ms: int,
    spent_micro_usd: int,
    title: text,
    tone: text,
  }),
  DecisionTable: record({
    columns: list(record({ title: text, is_numeric: bool })),
    rows: list(list(text)),
  }),
  DecisionPart: record({ title: text, sentences: list(text), table: orNull(named("DecisionTable")) }),
  ShownDecision: record({
    title: text,
    tone: text,
    why: text,
    metric: text,
    model: text,
    test_rows: int,
    objective: text,
    parts: list(named("DecisionPart")),
    arms: list(
      record({
        name: text,
        is_tuned: bool,
        is_on_frontier: bool,
        quality: number,
        low: orNull(number),
        high: orNull(number),
        usd_per_thousand_answers: number,
      }),
    ),
    by_volume: list(record({ from_per_month: number, to_per_month: number, title: text })),
    split: list(
      record({
        question: named("ShownText"),
        reference: named("ShownText"),
        answers: list(record({ arm: text, text: named("ShownText") })),
      }),
    ),
  }),
};

const nothing = z.object({});
const fileFields: z.ZodType<{ readonly format: "html" | "markdown" }> = z.object({
  format: z.enum(["html", "markdown"]).default("html"),
});

/** The routes. */
export function decisionRoutes(context: DashboardContext): Route[] {
  const { database } = context;
  const base = { method: "GET", policy: "read", maxBodyBytes: 0 } as const;
  const aboutRun = <Fields>(): About<Fields> => ({
    all: async (_, { params }) => [{ project: (await findTrackedRun(database, params["id"] ?? "")).project }],
  });
  return [
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/decisions",
      about: "readable",
      reads: nothing,
      summary: "List comparisons of `tunewise try` with their verdicts, newest first.",
      gives: record({ decisions: list(named("ListedDecision")) }),
      handle: async (_, { scope }) => ({
        status: 200,
        body: snakeKeys({ decisions: await listDecisions(context, scope.readable) }),
      }),
    }),
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/runs/:id/decision",
      about: aboutRun(),
      reads: nothing,
      summary:
        "Get the decision of a comparison, with its evidence as worded in the report. 404 if the comparison is not finished or its folder is not on this server.",
      gives: named("ShownDecision"),
      handle: async (_, { params }) => {
        const run = await findTrackedRun(database, params["id"] ?? "");
        return { status: 200, body: snakeKeys(needed(await readDecision(context, run))) };
      },
    }),
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/runs/:id/decision/file",
      about: aboutRun(),
      reads: fileFields,
      summary: "Export the decision as one HTML or Markdown file.",
      type: "text/html",
      handle: async ({ format }, { params }) => {
        const run = await findTrackedRun(database, params["id"] ?? "");
        const body = needed(await exportDecision(context, run, format));
        const [type, extension] = format === "html" ? ["text/html", "html"] : ["text/markdown", "md"];
        const headers = {
          "content-type": `${type}; charset=utf-8`,
          "content-disposition": `attachment; filename="decision-${run.id.replace(/[^\w.-]/g, "_")}.${extension}"`,
        };
        return { status: 200, headers, body };
      },
    }),
  ];
}

/** @throws {HttpError} 404 */
function needed<Value>(value: Value | null): Value {
  if (value !== null) return value;
  throw new HttpError(
    404,
    "no_decision",
    "It has not come to a decision, or its folder is not on this server.",
  );
}
