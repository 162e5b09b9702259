/** @file Route of the curves of several runs, for charts. */

import type { TrackingContext } from "@tunewise/tracker";
import { readProjectsOf, readTrackedRuns } from "@tunewise/tracker";
import { fieldsRoute, type JsonSchema, type Route, type Subjects } from "@tunewise/tracker/http";
import { z } from "zod";
import { type Curve, readCurves } from "../../../app/dashboard/index.ts";
import { problem } from "../../../problem/index.ts";
import { int, list, named, number, oneOf, orNull, record, text } from "./schema.ts";

const maxBodyBytes = 256 * 1024;
const maxCurves = 2_000;

const plainText = (max: number): z.ZodString => z.string().min(1).max(max);

const body = z
  .strictObject({
    runs: z.array(plainText(256)).min(1).max(100),
    keys: z.array(plainText(1000)).min(1).max(100),
    axis: z.enum(["step", "time", "dollars"]).default("step"),
    places: z.int().min(2).max(2_000).default(500),
    from: z.number().nullable().default(null),
    to: z.number().nullable().default(null),
  })
  .refine(({ runs, keys }) => runs.length * keys.length <= maxCurves, {
    message: `asks for more than ${maxCurves} curves: fewer runs or keys`,
  })
  .refine(({ from, to }) => from === null || to === null || from <= to, {
    message: "is behind `to`",
    path: ["from"],
  });

const notFinite = oneOf("NaN", "Infinity", "-Infinity");

/** Shapes by name. */
export const curveShapes: Readonly<Record<string, JsonSchema>> = {
  Curve: record({
    run: text,
    key: text,
    x: list(number),
    y: list(orNull(number)),
    steps: list(int),
    special: list({ type: "array", prefixItems: [int, notFinite], items: false, minItems: 2, maxItems: 2 }),
    points: int,
    last: record({ step: int, ms: int, value: orNull(number), special: orNull(notFinite) }),
    dollars_from: orNull(oneOf("meter", "ledger", "price")),
  }),
};

/**
 * The route.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, from its handler
 */
export function curveRoutes(context: TrackingContext): Route[] {
  return [
    fieldsRoute({
      method: "POST",
      path: "/api/tunewise/v1/runs/curves",
      policy: "read",
      reads: body,
      maxBodyBytes,
      summary:
        "Get curves of metrics, for at most 100 runs, 100 keys and 2,000 curves. `axis`: step, time (seconds since the start of the run) or dollars (cost so far; `dollars_from` has its source). The axis is divided into `places` intervals; each returns its first, lowest, highest and last logged point. `from` and `to` select an inclusive range; to fetch only new points, start at the step after the last one. Values that JSON cannot represent are null and listed in `special`. `places` in the response is the number of intervals per curve.",
      gives: record({ places: int, curves: list(named("Curve")) }),
      about: {
        all: async ({ runs }): Promise<Subjects> => {
          const projects = await readProjectsOf(context.database, "run", runs);
          return runs.map((id) => {
            const project = projects.get(id);
            if (project === undefined) throw problem("RUN_NOT_FOUND", { id, store: "this store" });
            return { project };
          });
        },
      },
      handle: async ({ runs: ids, ...fields }) => {
        const runs = await readTrackedRuns(context.database, [...new Set(ids)]);
        const { places, curves } = await readCurves(context, { ...fields, runs });
        return { status: 200, body: { places, curves: curves.map(curveBody) } };
      },
    }),
  ];
}

function curveBody({ dollarsFrom, ...curve }: Curve): object {
  return { ...curve, dollars_from: dollarsFrom };
}
