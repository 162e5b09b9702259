/** @file Schemas of the routes of the runs table. Unknown keys are refused, so that typos are noticed. */

import type { RequestedChange } from "@tunewise/tracker";
import { z } from "zod";

/** Maximum characters of the key of a metric, a parameter or a tag; a column's name has its entity in front. */
const keyLetters = 1_000;
const columnLetters = keyLetters + 20;
const maxProjects = 1_000;

// PostgreSQL stores no NUL
const text = (max: number): z.ZodString =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes("\u0000"), "holds a NUL");
const columnName = text(columnLetters).min(1);
const runId = z.string().regex(/^[a-zA-Z0-9][\w.-]{0,255}$/);
const projectNumbers = z.array(z.int().min(0)).max(maxProjects);

/** Maximum columns to sort by: each is looked up for every matching run. */
const maxOrder = 4;

/** A page of the table. */
export interface TableBody {
  readonly projects?: readonly number[] | undefined;
  readonly filter: string;
  readonly order: readonly { readonly column: string; readonly descending: boolean }[];
  readonly columns: readonly string[];
  readonly group: readonly string[];
  readonly pinned: readonly string[];
  readonly offset: number;
  readonly limit: number;
  readonly stage: "active" | "deleted";
  readonly revision: string | null;
}

/** The schema of `TableBody`. */
export const tableBody: z.ZodType<TableBody> = z.strictObject({
  projects: projectNumbers.optional(),
  filter: z.string().max(100_000).default(""),
  order: z
    .array(z.strictObject({ column: columnName, descending: z.boolean().default(false) }))
    .max(maxOrder, `sorts by more than ${maxOrder} columns, which would hold others up: take some away`)
    .default([]),
  columns: z.array(columnName).max(100).default([]),
  group: z.array(columnName).max(5).default([]),
  pinned: z.array(runId).max(20).default([]),
  offset: z.int().min(0).max(1e9).default(0),
  limit: z.int().min(0).max(500).default(50),
  stage: z.enum(["active", "deleted"]).default("active"),
  revision: text(100).nullable().default(null),
});

/** Numbers in a query: `1,2`, or the parameter repeated. */
const queryNumbers = z
  .union([z.string().max(10_000), z.array(z.string().max(20)).max(maxProjects)])
  .transform((given) => (typeof given === "string" ? given.split(",") : given).filter((word) => word !== ""))
  .pipe(
    z
      .array(
        z
          .string()
          .regex(/^\d{1,15}$/, "is no number of a project")
          .transform(Number),
      )
      .max(maxProjects),
  )
  .optional();

const queryLimit = (most: number, otherwise: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,6}$/, "is no whole number")
    .transform(Number)
    .pipe(z.number().min(1).max(most))
    .default(otherwise);

/** Query for the columns that exist. */
export const columnsQuery: z.ZodType<{
  readonly projects?: readonly number[] | undefined;
  readonly search: string;
  readonly limit: number;
}> = z.object({
  projects: queryNumbers,
  search: text(keyLetters).default(""),
  limit: queryLimit(1_000, 200),
});

/** Query for the values of a column. */
export const valuesQuery: z.ZodType<{
  readonly projects?: readonly number[] | undefined;
  readonly column: string;
  readonly prefix: string;
  readonly limit: number;
}> = z.object({
  projects: queryNumbers,
  column: columnName,
  prefix: text(300).default(""),
  limit: queryLimit(1_000, 50),
});

/** A change to runs. */
export interface ChangeBody {
  readonly ids: readonly string[];
  readonly action: RequestedChange["action"];
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly reason?: string | undefined;
}

/** Fields that each action requires and accepts. */
const fieldsOfAction: Readonly<Record<RequestedChange["action"], readonly ("key" | "value" | "reason")[]>> = {
  tag: ["key", "value"],
  untag: ["key"],
  stop: [],
  delete: [],
  restore: [],
  rename: ["value"],
  note: ["value"],
};

/** The schema of `ChangeBody`. */
export const changeBody: z.ZodType<ChangeBody> = z
  .strictObject({
    ids: z.array(runId).min(1).max(1_000),
    action: z.enum(["tag", "untag", "stop", "delete", "restore", "rename", "note"]),
    key: text(250).min(1).optional(),
    value: text(8_000).optional(),
    reason: text(1_000).min(1).optional(),
  })
  .superRefine(({ action, ...fields }, context) => {
    const needed = fieldsOfAction[action];
    for (const name of ["key", "value", "reason"] as const) {
      const isNeeded = needed.includes(name);
      if (isNeeded === (fields[name] !== undefined) || (action === "stop" && name === "reason")) continue;
      const message = `the action ${action} ${isNeeded ? "needs" : "takes no"} ${name}`;
      context.addIssue({ code: "custom", path: [name], message });
    }
    if (action === "rename" && fields.value === "")
      context.addIssue({
        code: "custom",
        path: ["value"],
        message: "a run has a name of one letter at least",
      });
  });

/** Maximum size of a view's state as JSON. */
const stateBytes = 16 * 1024;

/** A view to save. */
export const viewBody: z.ZodType<{
  readonly project: number | null;
  readonly state: Readonly<Record<string, unknown>>;
}> = z.strictObject({
  project: z.int().min(0).nullable().default(null),
  state: z
    .record(z.string(), z.unknown())
    .refine(
      (state) => Buffer.byteLength(JSON.stringify(state)) <= stateBytes,
      `has more than ${stateBytes} bytes as JSON`,
    ),
});

/** The project of a view, in a query; without one, the view is the caller's own. */
export const viewQuery: z.ZodType<{ readonly project: number | null }> = z.object({
  project: z
    .string()
    .regex(/^\d{1,15}$/, "is no number of a project")
    .transform(Number)
    .nullable()
    .default(null),
});
