/**
 * @file Set up before tests that put faults under a store: the driver of SQLite asks before it writes. Its own classes
 *   cannot be changed, hence others that inherit from them.
 */
import { vi } from "vitest";
import { sqlHook } from "./faults.ts";

type Driver = typeof import("@photostructure/sqlite");

/** Undoing takes no space, and after a kill it happens by itself. */
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
      // with RETURNING, what writes is read like a question
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
