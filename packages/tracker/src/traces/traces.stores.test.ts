/** @file Traces as rows, on each database: what clients cannot do by mistake. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { ColumnType } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { addProject } from "../tracking/projects.ts";
import { addAssessment, findAssessment } from "./assessments.ts";
import { findTrace, findTraces, type NewTrace, putTrace } from "./traces.ts";

const trace: NewTrace = {
  id: "tr-1",
  project: 0,
  requestedMs: 5,
  durationMs: null,
  state: "OK",
  clientRequestId: null,
  requestPreview: null,
  responsePreview: null,
  tags: [],
  metadata: [],
};

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("ids belong to one project, and assessments are bounded", async () => {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    await expect(findTrace(database, "tr-1")).rejects.toMatchObject({ code: "TRACE_NOT_FOUND" });
    const { number } = await database.transaction((transaction) => putTrace(transaction, trace));
    const other = await database.transaction((transaction) =>
      addProject(transaction, { name: "x", artifactRoot: null, tags: [], nowMs: 1 }),
    );
    const taken = database.transaction((transaction) =>
      putTrace(transaction, { ...trace, project: other.number, state: "ERROR" }),
    );
    await expect(taken).rejects.toMatchObject({ code: "TRACE_EXISTS" });
    expect(await findTraces(database, ["none", "tr-1"])).toMatchObject([
      { id: "tr-1", project: 0, state: "OK" },
    ]);
    const add = (at: number, overridden: string | null = null): Promise<unknown> =>
      database.transaction((transaction) =>
        addAssessment(
          transaction,
          number,
          { id: `a-${at}`, name: "good", kind: "feedback", value: "1", document: "{}" },
          overridden,
          at,
        ),
      );
    await expect(add(0, "a-none")).rejects.toMatchObject({ code: "ASSESSMENT_NOT_FOUND" });
    await expect(findAssessment(database, number, "a-0")).rejects.toMatchObject({
      code: "ASSESSMENT_NOT_FOUND",
    });
    const columns: Record<string, ColumnType> = {
      id: "text",
      trace: "integer",
      name: "text",
      kind: "text",
      document: "text",
      created_ms: "integer",
      changed_ms: "integer",
      is_valid: "integer",
    };
    const rows = Array.from({ length: 1000 }, (_, at) => [`b-${at}`, number, "n", "feedback", "{}", 1, 1, 1]);
    await database.transaction((transaction) => transaction.insert({ table: "assessments", columns }, rows));
    await expect(add(1)).rejects.toMatchObject({ code: "ASSESSMENTS_TOO_MANY" });
  });
});
