/** @file For tests: a PostgreSQL server, if `TUNEWISE_TEST_POSTGRES` names one; every store is a schema in it. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { onTestFinished } from "vitest";

/** URL of a server whose databases tests may modify, or undefined. */
export const postgresServer: string | undefined = process.env["TUNEWISE_TEST_POSTGRES"];

/** A new, empty schema on the server, dropped when the test ends. */
export async function postgresPlace(): Promise<string> {
  if (!postgresServer) throw new Error("TUNEWISE_TEST_POSTGRES names no server");
  const schema = `test_${randomBytes(8).toString("hex")}`;
  await ask(`CREATE SCHEMA ${schema}`);
  onTestFinished(() => ask(`DROP SCHEMA ${schema} CASCADE`));
  const address = new URL(postgresServer);
  address.searchParams.set("options", `-c search_path=${schema}`);
  return address.href;
}

async function ask(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresServer });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
