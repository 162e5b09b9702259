/**
 * @file The client never exceeds the cap and never pays twice, whatever the endpoint does and whichever process dies.
 */
import { join } from "node:path";
import { type Usd, usd } from "@tunewise/core/quantity";
import {
  addTrackedRun,
  type Database,
  findTrackedRun,
  keepPaidAnswer,
  openDatabase,
  processTable,
  readAccount,
  readSpend,
  reserve,
} from "@tunewise/tracker";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { endpointAt, questionOf, realWorld } from "../../../../../test/support/ask-world.ts";
import { seeded } from "../../../../../test/support/chance.ts";
import { failingAt } from "../../../../../test/support/failing-store.ts";
import {
  type Fault,
  type FaultEndpoint,
  type FaultOptions,
  serveFaults,
} from "../../../../../test/support/fault-endpoint.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import type { Endpoint } from "../../ask/index.ts";
import { type MeteredClient, openMeteredClient } from "./metered-client.ts";
import { type AccountOptions, isDead, leaseOwnerOf } from "./spending-account.ts";

const price = { inputUsd: usd(100), cachedInputUsd: usd(50), outputUsd: usd(1000), source: "test" };
const processes = processTable(process);

async function serve(options: FaultOptions = {}): Promise<FaultEndpoint> {
  const endpoint = await serveFaults(options);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

async function open(place = ":memory:"): Promise<Database> {
  const database = await openDatabase(place);
  onTestFinished(() => database.close());
  return database;
}

async function payerAt(
  url: string,
  database: Database,
  more: Partial<AccountOptions> & {
    readonly endpointMore?: Partial<Endpoint>;
    readonly random?: () => number;
  } = {},
): Promise<MeteredClient> {
  const { endpointMore = {}, random = () => 0.02, ...rest } = more;
  const host = { now: () => new Date(), random, processes, signal: new AbortController().signal };
  const options = { endpoint: endpointAt(url, endpointMore), price, account: "p", cap: usd(1), ...rest };
  return openMeteredClient(
    options,
    database,
    await leaseOwnerOf(processes, String(Math.random())),
    host,
    realWorld(random),
  );
}

/** The endpoint's charges by its own count, in micro-dollars. */
function billOf({ bill }: FaultEndpoint): number {
  return bill.promptTokens * 100 + bill.answerTokens * 1000;
}

describe("a question", () => {
  test("is paid for once, by the endpoint's count, and kept", async () => {
    const [server, database] = [await serve(), await open()];
    const payer = await payerAt(server.url, database);
    const [first, twin] = await Promise.all([payer.ask(questionOf("Hi")), payer.ask(questionOf("Hi"))]);
    expect(first).toBe(twin);
    expect(first).toMatchObject({ isKept: false, cost: 2 * 100 + 6 * 1000, answer: { answerTokens: 6 } });
    const again = await (await payerAt(server.url, database)).ask(questionOf("Hi"));
    expect(again).toEqual({ ...first, isKept: true, cost: 0 });
    expect(server.requests).toHaveLength(1);
    expect(await payer.standing()).toEqual({ spentMicroUsd: 6200, reservedMicroUsd: 0, lostMicroUsd: 0 });
    expect(await database.all("SELECT count(*) AS left_over FROM answer_claims")).toEqual([{ left_over: 0 }]);
  });

  test("is asked once by two payers of one store", async () => {
    const place = join(await temporaryFolder(), "store.sqlite");
    const server = await serve({ delayMs: 50 });
    const payers = [
      await payerAt(server.url, await open(place)),
      await payerAt(server.url, await open(place)),
    ];
    const answers = await Promise.all(payers.map((payer) => payer.ask(questionOf("Hi"))));
    expect(answers.map(({ isKept }) => isKept).sort()).toEqual([false, true]);
    expect(server.requests).toHaveLength(1);
  });

  test("that the cap does not cover is not sent, and says what stands", async () => {
    const [server, database] = [await serve(), await open()];
    const payer = await payerAt(server.url, database, { cap: usd(0.04) });
    await payer.ask(questionOf("a"));
    const asking = payer.ask(questionOf("b"));
    await expect(asking).rejects.toMatchObject({ code: "ASK_BUDGET_SPENT", kind: { exitCode: 2 } });
    await expect(asking).rejects.toThrow("p may spend $0.040: $0.006100 is spent");
    expect(server.requests).toHaveLength(1);
    expect((await payer.ask(questionOf("a"))).isKept).toBe(true);
  });

  test("that fails is settled by what each try may have cost", async () => {
    const faults: Fault[] = ["busy", "half a stream", "fine"];
    const server = await serve({ fault: (at) => faults[at] ?? "down" });
    const database = await open();
    const payer = await payerAt(server.url, database);
    const most = (1 + 16 + 256) * 100 + 8 * 1000;
    expect((await payer.ask(questionOf("a"))).cost).toBe(most + 100 + 6000);
    await expect(payer.ask(questionOf("b"))).rejects.toMatchObject({ code: "ASK_NO_ANSWER" });
    expect(await payer.standing()).toMatchObject({ spentMicroUsd: most + 6100, reservedMicroUsd: 0 });
    expect((await payer.ask(questionOf("a"))).isKept).toBe(true);
  });

  test("of an endpoint that does not count is paid for at its most", async () => {
    const server = await serve({ fault: () => "no usage" });
    const { answer, cost } = await (await payerAt(server.url, await open())).ask(questionOf("a"));
    expect(answer.usage).toBe("estimated");
    expect(cost).toBe((1 + 16 + 256) * 100 + 8 * 1000);
  });

  test("whose answer the store fails to keep at first is kept all the same, and asked and paid for once", async () => {
    const [server, database] = [await serve(), await open()];
    // writes 1 and 2 are the lease and the reservation; the answer is stored at its third attempt
    const payer = await payerAt(server.url, failingAt(database, [3, 4]));
    expect((await payer.ask(questionOf("Hi"))).cost).toBe(6200);
    expect((await payer.ask(questionOf("Hi"))).isKept).toBe(true);
    expect(server.requests).toHaveLength(1);
    expect(await payer.standing()).toEqual({ spentMicroUsd: 6200, reservedMicroUsd: 0, lostMicroUsd: 0 });
  });

  test("whose answer the store never takes fails, and what it may have cost stays set aside", async () => {
    const [server, database] = [await serve(), await open()];
    const payer = await payerAt(server.url, failingAt(database, [3, 4, 5, 6, 7]));
    await expect(payer.ask(questionOf("Hi"))).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
    expect(await payer.standing()).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 35_400 });
    expect((await payer.ask(questionOf("Hi"))).isKept).toBe(false);
    expect(server.requests).toHaveLength(2);
  });

  test("at an endpoint that is free needs no account", async () => {
    const [server, database] = [await serve(), await open()];
    const nothing = { inputUsd: usd(0), cachedInputUsd: usd(0), outputUsd: usd(0), source: "declared free" };
    const payer = await payerAt(server.url, database, { price: nothing, cap: null });
    expect((await payer.ask(questionOf("a"))).cost).toBe(0);
    expect(await database.all("SELECT name FROM purses")).toEqual([]);
    await expect(payerAt(server.url, database, { cap: null })).rejects.toThrow("without a cap");
  });

  test("charges the run that it is for, each answer by itself", async () => {
    const [server, database] = [await serve(), await open()];
    await database.transaction((transaction) =>
      addTrackedRun(transaction, {
        id: "r",
        project: 0,
        name: "r",
        status: "running",
        client: "api",
        person: "",
        purpose: "experiment",
        startedMs: 0,
        fingerprint: null,
        family: null,
        tags: [],
      }),
    );
    const payer = await payerAt(server.url, database, { runId: "r" });
    await Promise.all(["a", "b", "c"].map((text) => payer.ask(questionOf(text))));
    const { number, spentMicroUsd } = await findTrackedRun(database, "r");
    expect(spentMicroUsd).toBe(3 * 6100);
    const lines = await readSpend(database, number);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ kind: "tokens", quantity: 7, unit: "tokens", microUsd: 6100 });
  });
});

describe("what is left behind", () => {
  const ended = JSON.stringify({ host: processes.host, pid: 2 ** 30, start: "x", token: "y" });

  test("a dead process's claim is taken over at once, and what it set aside stays set aside", async () => {
    const [server, database] = [await serve(), await open()];
    const payer = await payerAt(server.url, database);
    const { request } = await payer.ask(questionOf("a"));
    const far = Date.now() + 1e9;
    await database.transaction(async (transaction) => {
      await transaction.run("DELETE FROM paid_answers");
      await transaction.run("INSERT INTO answer_claims VALUES (?, ?, ?)", request, ended, far);
      const lost = { account: "p", capMicroUsd: 1e6, maxMicroUsd: 900_000, owner: ended, request };
      await reserve(transaction, { ...lost, nowMs: 0, expiresMs: 1 });
    });
    expect((await payer.ask(questionOf("a"))).isKept).toBe(false);
    expect(await payer.standing()).toMatchObject({ spentMicroUsd: 12_200, lostMicroUsd: 900_000 });
    await expect(payer.ask(questionOf("b".repeat(800)))).rejects.toMatchObject({ code: "ASK_BUDGET_SPENT" });
  });

  test("only who surely is dead counts as dead", async () => {
    expect(await isDead(ended, processes)).toBe(true);
    expect(await isDead((await leaseOwnerOf(processes, "t")).text, processes)).toBe(false);
    for (const text of [ended.replace(processes.host, "elsewhere"), "", "null", "{}", "{"]) {
      expect(await isDead(text, processes)).toBe(false);
    }
  });

  test("an answer that cannot be read is asked again", async () => {
    const [server, database] = [await serve(), await open()];
    const payer = await payerAt(server.url, database);
    const { request } = await payer.ask(questionOf("a"));
    const broken = {
      request,
      model: "m",
      answer: '{"text":1}',
      promptTokens: 0,
      answerTokens: 0,
      microUsd: 0,
      ms: 0,
    };
    await database.transaction((transaction) => keepPaidAnswer(transaction, broken));
    expect(await payer.ask(questionOf("a"))).toMatchObject({ isKept: false, answer: { model: "m-1" } });
  });
});

test("the cap holds for several payers before an endpoint that fails at random", async () => {
  const faults: Fault[] = [
    ...(["fine", "fine", "whole", "no usage", "lying usage", "busy", "down", "gateway timeout"] as const),
    ...(["half a stream", "cut before its count", "no JSON", "half of the JSON", "reset", "hang"] as const),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.integer({ min: 30_000, max: 400_000 }),
      async (seed, cap) => {
        const chance = seeded(seed);
        const server = await serveFaults({
          fault: () => faults[Math.floor(chance() * faults.length)] ?? "fine",
        });
        const place = join(await temporaryFolder(), "store.sqlite");
        const databases = await Promise.all([openDatabase(place), openDatabase(place)]);
        const endpointMore = { timeoutSeconds: 0.15, maxTries: 3, concurrency: 3 };
        const payers = await Promise.all(
          databases.map((database) => payerAt(server.url, database, { cap: cap as Usd, endpointMore })),
        );
        const texts = Array.from({ length: 6 }, (_, at) => `question ${at}`);
        await Promise.allSettled(payers.flatMap((payer) => texts.map((text) => payer.ask(questionOf(text)))));
        const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = await readAccount(databases[0], "p", 0);
        expect(reservedMicroUsd + lostMicroUsd).toBe(0);
        expect(spentMicroUsd).toBeLessThanOrEqual(cap);
        expect(billOf(server)).toBeLessThanOrEqual(spentMicroUsd);
        await Promise.all(databases.map((database) => database.close()));
        await server.close();
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
