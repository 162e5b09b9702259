/**
 * @file Entry point of the process that runs a model's SQL statements: `sql-reader DATABASE`. Each input line is a
 * statement as JSON, each output line its result. The process that started it enforces the time limit of statements.
 */
import { createInterface } from "node:readline";
import { encodeAnswer, openForeignQueries } from "@tunewise/tracker";

/** Limits of a result; results of real questions are far smaller. */
const limits = { rows: 100_000, bytes: 16 * 2 ** 20, memory: 256 * 2 ** 20 };

const queries = await openForeignQueries(process.argv[2] ?? "", limits);
for await (const line of createInterface({ input: process.stdin })) {
  const answer = encodeAnswer(queries.run(String(JSON.parse(line))));
  await new Promise<void>((done) => process.stdout.write(`${answer}\n`, () => done()));
}
queries.close();
