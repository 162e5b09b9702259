/** @file Routes about one run: details, console, machine metrics, files, answers and logged rows. */

import { findTrackedRun, type TrackedRun } from "@tunewise/tracker";
import {
  type About,
  type AllowedCall,
  type FieldsRoute,
  fieldsRoute,
  type Reply,
  type Route,
} from "@tunewise/tracker/http";
import { z } from "zod";
import {
  type DashboardContext,
  findRunFile,
  listRunFiles,
  readAnswers,
  readConsoleLines,
  readMetrics,
  readRows,
  readRunDetails,
  readRunTable,
} from "../../../app/dashboard/index.ts";
import {
  answersShape,
  consoleShape,
  filesShape,
  metricsShape,
  rowsShape,
  runTableShape,
} from "./run-shapes.ts";
import { named } from "./schema.ts";
import { download, noSuchFile, sendFile } from "./send-file.ts";
import { snakeKeys } from "./wire.ts";

/** Schema of an integer in a query. */
const count = (least: number, most: number): z.ZodCoercedNumber =>
  z.coerce.number().int().min(least).max(most);

const maxLines = 1_000_000_000;
const range = z.object({
  from: count(0, maxLines).default(0),
  limit: count(1, 2_000).default(500),
});
const answerFields = z.object({
  offset: count(0, maxLines).default(0),
  limit: count(1, 200).default(50),
  row: count(0, maxLines).optional(),
});
const path = z.string().min(1).max(4_096);
const tableFields = z.object({
  path,
  offset: count(0, maxLines).default(0),
  limit: count(1, 100).default(50),
});
const nothing = z.object({});

/** The project of the run that the path names. */
function aboutRun<Fields>({ database }: DashboardContext): About<Fields> {
  return {
    all: async (_, { params }) => [{ project: (await findTrackedRun(database, params["id"] ?? "")).project }],
  };
}

/** Documentation of a route about one run. */
type RunRouteDoc<Fields> = Pick<FieldsRoute<Fields>, "path" | "reads" | "summary" | "gives" | "type">;

/** Creates a route about the run that its path names. */
function runRoute<Fields>(
  context: DashboardContext,
  { path, ...rest }: RunRouteDoc<Fields>,
  handle: (run: TrackedRun, fields: Fields, call: AllowedCall) => Promise<Reply>,
): Route {
  return fieldsRoute<Fields>({
    ...rest,
    method: "GET",
    path: `/api/tunewise/v1/runs/:id/${path}`,
    policy: "read",
    about: aboutRun<Fields>(context),
    maxBodyBytes: 0,
    handle: async (fields, call) =>
      handle(await findTrackedRun(context.database, call.params["id"] ?? ""), fields, call),
  });
}

const given = (body: object): Reply => ({ status: 200, body: snakeKeys(body) });

/** The routes. */
export function runRoutes(context: DashboardContext): Route[] {
  return [...aboutRoutes(context), ...fileRoutes(context), ...rowRoutes(context)];
}

function aboutRoutes(context: DashboardContext): Route[] {
  return [
    runRoute(
      context,
      {
        path: "details",
        reads: nothing,
        gives: named("RunDetails"),
        summary:
          "Get the details of a run of any client: status and reason, parameters, tags, metrics, ledger entries with prices, budgets, origin and differences from it, data and commands. Runs of tunewise also have planned and actual values, verdicts of guards by step, findings, forgetting and safety. Long lists and texts are truncated and include their full length.",
      },
      async (run, _, { caller }) =>
        given(await readRunDetails(context, run, (await caller.rights.readable()) === null)),
    ),
    runRoute(
      context,
      {
        path: "console",
        reads: range,
        gives: consoleShape,
        summary:
          "Get console output of a run, starting at a line. `total` increases while the run is active.",
      },
      async (run, fields) => given(await readConsoleLines(context, run, fields)),
    ),
    runRoute(
      context,
      {
        path: "system",
        reads: nothing,
        gives: metricsShape,
        summary: "List system metrics of a run: keys, last values and extremes. For curves, use runs/curves.",
      },
      async (run) => given(await readMetrics(context.database, run.number, "system")),
    ),
  ];
}

function fileRoutes(context: DashboardContext): Route[] {
  return [
    runRoute(
      context,
      {
        path: "files",
        reads: nothing,
        gives: filesShape,
        summary:
          "List files of a run, at most 2,000: files that its client logged and, for runs of tunewise, files in its folder if it is on this server.",
      },
      async (run) => given(await listRunFiles(context, run)),
    ),
    runRoute(
      context,
      {
        path: "file",
        reads: z.object({ path }),
        type: download,
        summary:
          "Get a file of a run by its path in `files`. Images and audio are sent inline, other files as attachments. Supports range requests.",
      },
      async (run, { path }, call) => {
        const found = await findRunFile(context, run, path);
        if (!found) throw noSuchFile();
        return sendFile(found, call);
      },
    ),
    runRoute(
      context,
      {
        path: "table",
        reads: tableFields,
        gives: runTableShape,
        summary:
          "Get rows of a table that a W&B client logged (a file NAME.table.json). Cells are texts of at most 500 characters. Media cells contain names only; `note` lists what is omitted.",
      },
      async (run, { path: file, ...part }) => {
        const found = await readRunTable(context, run, file, part);
        if (!found) throw noSuchFile();
        return given(found);
      },
    ),
  ];
}

const noAnswers = { rows: [], total: 0, unreadable: 0 };

function rowRoutes(context: DashboardContext): Route[] {
  return [
    runRoute(
      context,
      {
        path: "answers",
        reads: answerFields,
        gives: answersShape,
        summary:
          "List answers of a tunewise run by row: prompt, reference, answers of the base and tuned model, and their scores. `row` selects one row with longer texts.",
      },
      async (run, { offset, limit, row = null }) =>
        given((await readAnswers(context, run, { offset, limit, row })) ?? noAnswers),
    ),
    runRoute(
      context,
      {
        path: "rows",
        reads: range,
        gives: rowsShape,
        summary: "List non-numeric values that a W&B client logged, as JSON: tables, media and texts.",
      },
      async (run, fields) => given({ rows: await readRows(context, run, fields) }),
    ),
  ];
}
