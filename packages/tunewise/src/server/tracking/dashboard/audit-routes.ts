/** @file Route of the audit, for admins of the server: who did what and when, and what was refused. */

import { readAudit } from "@tunewise/tracker";
import { fieldsRoute, type JsonSchema, type Route } from "@tunewise/tracker/http";
import { z } from "zod";
import type { DashboardContext } from "../../../app/dashboard/index.ts";
import { int, list, named, orNull, record, text } from "./schema.ts";
import { snakeKeys } from "./wire.ts";

/** Shapes by name. */
export const auditShapes: Readonly<Record<string, JsonSchema>> = {
  AuditLine: record({ sequence: int, ms: int, person: text, action: text, subject: text, detail: text }),
};

const linesShown = 100;

const word = z.string().min(1).max(300).optional();
const fields: z.ZodType<{
  readonly action?: string | undefined;
  readonly person?: string | undefined;
  readonly subject?: string | undefined;
  readonly before?: number | undefined;
}> = z.object({
  action: word,
  person: word,
  subject: word,
  before: z
    .string()
    .regex(/^\d{1,15}$/, "is no number of a line")
    .transform(Number)
    .optional(),
});

/** The route. */
export function auditRoutes({ database }: DashboardContext): Route[] {
  return [
    fieldsRoute({
      method: "GET",
      path: "/api/tunewise/v1/audit",
      policy: "admin",
      about: "nothing",
      maxBodyBytes: 0,
      reads: fields,
      gives: record({ lines: list(named("AuditLine")), next: orNull(int) }),
      summary:
        "List entries of the audit log, newest first, optionally by action, person and subject. Admins only. Pass `next` as `before` to get the next page; null: this page is the last.",
      handle: async ({ action, person, subject, before }) => {
        const asked = Object.entries({ action, person, subject, before }).filter(
          ([, value]) => value !== undefined,
        );
        const lines = await readAudit(database, { ...Object.fromEntries(asked), limit: linesShown + 1 });
        const shown = lines.slice(0, linesShown);
        const next = lines.length > linesShown ? (shown.at(-1)?.sequence ?? null) : null;
        return { status: 200, body: snakeKeys({ lines: shown, next }) };
      },
    }),
  ];
}
