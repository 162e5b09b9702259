/**
 * A metered client with a spending account against our own server, which answers with the small model behind a failing
 * proxy.
 */
import { join } from "node:path";
import { usd } from "@tunewise/core/quantity";
import { openDatabase, processTable } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import {
  leaseOwnerOf,
  openMeteredClient,
  tokenPriceOf,
} from "../../packages/tunewise/src/app/metered-client/index.ts";
import { endpointAt, questionOf } from "../support/ask-world.ts";
import { breakingProxy, serveSmall } from "../support/own-endpoint.ts";
import { temporaryFolder } from "../support/track-disk.ts";

test("our own server answers through failures, its tokens are counted, and nothing is paid twice", async () => {
  const proxy = await breakingProxy(await serveSmall());
  const database = await openDatabase(join(await temporaryFolder(), "store.sqlite"));
  onTestFinished(() => database.close());
  const processes = processTable(process);
  const runtime = {
    now: () => new Date(),
    random: () => 0.01,
    processes,
    signal: new AbortController().signal,
  };
  const usdPerMillion = { input: 10, output: 100 };
  const price = tokenPriceOf({ model: "base", usdPerMillion }, { machines: [], training: [], inference: [] });
  const endpoint = endpointAt(proxy.url, { model: "base", timeoutSeconds: 60, maxTries: 4 });
  const options = { endpoint, price, account: "own", cap: usd(0.1) };
  const payer = openMeteredClient(options, database, await leaseOwnerOf(processes, "t"), runtime);
  const question = questionOf("My parcel is lost.", { maxTokens: 6, temperature: 0, seed: 1, topP: 1 });
  const expected = await payer.expectedPrice([question, question], 6);
  const { answer, cost } = await payer.ask(question);
  expect(answer).toMatchObject({ usage: "reported", finish: "length", answerTokens: 6, leftOut: [] });
  expect(answer.text).not.toBe("");
  const most = (question.messages[0]?.content.length ?? 0) + 16 + 256;
  // the broken stream is charged at its maximum, the complete answer at its reported usage
  expect(cost).toBe(most * 10 + 600 + answer.promptTokens * 10 + 600);
  expect(answer.promptTokens).toBeLessThanOrEqual(most);
  expect(expected).toMatchObject({ questions: 2, repeated: 1, kept: 0 });
  expect(expected.most).toBeGreaterThanOrEqual(answer.promptTokens * 10 + 600);
  expect(await payer.ask(question)).toMatchObject({ isKept: true, answer });
  expect(proxy.count()).toBe(3);
});
