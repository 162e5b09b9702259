/**
 * @file Setup for tests that inject faults below a store: the SQLite driver calls the hook before it writes. The
 * driver's classes cannot be patched, so subclasses replace them.
 */
import { vi } from "vitest";
import { sqlHook } from "./faults.ts";

type Driver = typeof import("@photostructure/sqlite");

/** A rollback needs no space, and after a kill SQLite rolls back by itself. */
const isFree = /^(ROLLBACK|PRAGMA|BEGIN$)/;

const isWrite = /^\s*(INSERT|UPDATE|DELETE)\b/i;

function faulty(driver: Driver): Driver {
  class FaultyDatabase extends driver.DatabaseSync {
    override exec(sql: string): void {
      if (!isFree.test(sql)) sqlHook.ask(sql.slice(0, 40));
      super.exec(sql);
    }

    override prepare(...values: Parameters<InstanceType<Driver["DatabaseSync"]>["prepare"]>) {
      const statement = super.prepare(...values);
      const [sql] = values;
      // with RETURNING, a writing statement is executed like a query
      for (const name of isWrite.test(sql) ? (["run", "all", "get"] as const) : (["run"] as const)) {
        const real = statement[name].bind(statement) as (...parameters: unknown[]) => unknown;
        const asked = (...parameters: unknown[]): unknown => {
          sqlHook.ask(sql.slice(0, 40));
          return real(...parameters);
        };
        Object.defineProperty(statement, name, { value: asked });
      }
      return statement;
    }
  }
  return { ...driver, DatabaseSync: FaultyDatabase as unknown as Driver["DatabaseSync"] };
}

vi.mock("node:sqlite", async (original) => faulty((await original()) as Driver));
vi.mock("@photostructure/sqlite", async (original) => faulty((await original()) as Driver));
