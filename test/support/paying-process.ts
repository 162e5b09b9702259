/**
 * @file A process that asks questions and pays from a spending account until all are answered or the account is empty.
 * It prints each answer after storing it, and the code of any problem.
 *
 * Arguments: the store's path, the endpoint's URL, the cap in micro-dollars, the number of questions, and the first
 * question.
 */

import { type Usd, usd } from "@tunewise/core/quantity";
import { openDatabase, processTable } from "@tunewise/tracker";
import { leaseOwnerOf, openMeteredClient } from "../../packages/tunewise/src/app/metered-client/index.ts";
import { TunewiseError } from "../../packages/tunewise/src/problem/index.ts";
import { endpointAt, questionOf } from "./ask-world.ts";

const [path = "", url = "", cap = "0", count = "0", first = "0"] = process.argv.slice(2);
const database = await openDatabase(path);
const processes = processTable(process);
const runtime = {
  now: () => new Date(),
  random: Math.random,
  processes,
  signal: new AbortController().signal,
};
const price = { inputUsd: usd(100), cachedInputUsd: usd(100), outputUsd: usd(1000), source: "test" };
const endpoint = endpointAt(url, { concurrency: 3, maxTries: 4, timeoutSeconds: 20 });
const options = { endpoint, price, account: "shared", cap: Number(cap) as Usd };
const payer = openMeteredClient(
  options,
  database,
  await leaseOwnerOf(processes, String(Math.random())),
  runtime,
);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
say("ready");
await Promise.all(
  Array.from({ length: Number(count) }, async (_, at) => {
    const name = `question ${(at + Number(first)) % Number(count)}`;
    try {
      const { isKept, cost } = await payer.ask(questionOf(name));
      say(`${name}: ${isKept ? "kept" : "paid"} ${cost}`);
    } catch (error) {
      say(`${name}: ${TunewiseError.is(error) ? error.code : String(error)}`);
    }
  }),
);
say("end");
await database.close();
