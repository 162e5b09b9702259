/** @file Embeddings are charged by the endpoint's count, to an account whose cap holds. */

import { type Usd, usd } from "@tunewise/core/quantity";
import { type Database, openDatabase, processTable, readAccount } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { endpointAt, playedWorld } from "../../../../../test/support/ask-world.ts";
import { failingAt } from "../../../../../test/support/failing-store.ts";
import { type MeteredEmbedder, openMeteredEmbedder } from "./metered-embedder.ts";
import { leaseOwnerOf } from "./spending-account.ts";

const price = { inputUsd: usd(100), cachedInputUsd: usd(100), outputUsd: usd(0), source: "test" };

async function open(): Promise<Database> {
  const database = await openDatabase(":memory:");
  onTestFinished(() => database.close());
  return database;
}

async function payerOf(
  answers: readonly (Response | Error)[],
  database: Database,
  more: { readonly cap?: Usd | null; readonly isFree?: boolean } = {},
): Promise<MeteredEmbedder & { readonly requests: Request[] }> {
  const { cap = usd(1), isFree = false } = more;
  const world = playedWorld(answers);
  const endpoint = endpointAt("http://127.0.0.1:9/v1", { maxTries: 3 });
  const host = { now: () => new Date(), random: () => 0.5, signal: new AbortController().signal };
  const owner = await leaseOwnerOf(processTable(process), "t");
  const free = { ...price, inputUsd: usd(0) };
  const options = { endpoint, price: isFree ? free : price, account: "p", cap };
  return { ...openMeteredEmbedder(options, database, owner, host, world), requests: world.requests };
}

const vectors = (count: number, tokens: number | null): Response =>
  Response.json({
    model: "m",
    data: Array.from({ length: count }, (_, index) => ({ index, embedding: [index, 1] })),
    ...(tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  });

test("what the endpoint counts is paid, failed tries and all, and told once", async () => {
  const database = await open();
  const payer = await payerOf([new Response("", { status: 503 }), vectors(2, 7)], database);
  const found = await payer.embed(["a", "bb"]);
  expect(found.map((vector) => [...vector])).toEqual([
    [0, 1],
    [1, 1],
  ]);
  expect(payer.requests).toHaveLength(2);
  expect(payer.takePaid()).toBe(700);
  expect(payer.takePaid()).toBe(0);
  expect(await readAccount(database, "p", 0)).toEqual({
    spentMicroUsd: 700,
    reservedMicroUsd: 0,
    lostMicroUsd: 0,
  });
});

test("a payment that the store fails to keep at first is kept all the same, once", async () => {
  const database = await open();
  const payer = await payerOf([vectors(1, 7)], failingAt(database, [2, 3]));
  await payer.embed(["a"]);
  expect([payer.takePaid(), payer.requests.length]).toEqual([700, 1]);
  expect(await readAccount(database, "p", 0)).toMatchObject({ spentMicroUsd: 700, reservedMicroUsd: 0 });
});

test("an endpoint that does not count is paid at its most", async () => {
  const database = await open();
  const payer = await payerOf([vectors(1, null)], database);
  await payer.embed(["abc"]);
  expect(payer.takePaid()).toBe(payer.expectedPrice(["abc"]).most);
});

test("a request that the cap does not cover is not sent", async () => {
  const database = await open();
  const payer = await payerOf([], database, { cap: usd(0.001) });
  await expect(payer.embed(["some words"])).rejects.toMatchObject({ code: "ASK_BUDGET_SPENT" });
  expect(payer.requests).toHaveLength(0);
  expect(payer.expectedPrice(["some words"])).toEqual({ expected: 300, most: 2600 });
});

test("one that is free needs no account; one that costs money needs a cap", async () => {
  const database = await open();
  const payer = await payerOf([vectors(1, 3)], database, { cap: null, isFree: true });
  await payer.embed(["a"]);
  expect(payer.takePaid()).toBe(0);
  expect(await database.all("SELECT name FROM purses")).toEqual([]);
  await expect(payerOf([], database, { cap: null })).rejects.toThrow("without a cap");
});
