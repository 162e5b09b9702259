/**
 * @file Refused requests in the audit log: repetitions are written once, and the number of lines per hour is limited.
 */

import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../open-store.ts";
import { createWriter } from "../tracking/writer.ts";
import { readAudit } from "./audit.ts";
import { createRefusalLog, type RefusedRequest } from "./refusal-log.ts";

const wrong: RefusedRequest = {
  status: 401,
  person: "ada",
  address: "10.0.0.1",
  what: "POST /api/tunewise/v1/session",
  reason: "Name or password is wrong.",
};

async function place() {
  const database = await openDatabase(":memory:");
  onTestFinished(() => database.close());
  const clock = { ms: 1_000_000 };
  const log = createRefusalLog({ write: createWriter(database), now: () => clock.ms });
  const lines = async () => {
    const found = await readAudit(database, { limit: 10_000 });
    return found.reverse().map(({ person, action, subject, detail }) => [action, person, subject, detail]);
  };
  return { clock, log, lines };
}

test("the same refusal is one line, and how often it came again another one", async () => {
  const { clock, log, lines } = await place();
  for (let at = 0; at < 50; at++) log.note(wrong);
  clock.ms += 600_000;
  log.note({
    ...wrong,
    status: 403,
    person: "wim",
    what: "GET /api/x",
    reason: "wim may not read project 3.",
  });
  await log.close();
  expect(await lines()).toEqual([
    ["sign-in-refused", "ada", wrong.what, "401 from 10.0.0.1: Name or password is wrong."],
    ["sign-in-refused", "ada", wrong.what, "401 from 10.0.0.1: 49 more within 10 minutes"],
    ["access-refused", "wim", "GET /api/x", "403 from 10.0.0.1: wim may not read project 3."],
  ]);
});

test("no attack writes more than a few lines an hour, whatever names and addresses it makes up", async () => {
  const { clock, log, lines } = await place();
  for (let at = 0; at < 5_000; at++)
    log.note({ ...wrong, person: `p${at}`.repeat(200), address: `10.1.${at}` });
  await log.close();
  const hour = await lines();
  expect(hour).toHaveLength(120);
  expect(hour.at(-1)?.[3]).toBe("more refusals than the 120 an hour that are noted");
  expect(Math.max(...hour.map((line) => line.join("").length))).toBeLessThan(1_000);
  clock.ms += 3_600_000;
  log.note(wrong);
  await log.close();
  expect(await lines()).toHaveLength(121);
});
