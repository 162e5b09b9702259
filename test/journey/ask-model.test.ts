/** An asker and a purse before our own server, which answers with the small model through a proxy that fails. */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { holderOf, openPayer, tokenPriceOf } from "../../src/flow/index.ts";
import { usd } from "../../src/quantity/index.ts";
import { openDatabase, processTable } from "../../src/track/index.ts";
import { endpointAt, questionOf } from "../support/ask-world.ts";
import { loader, program, smallModel } from "../support/small-run.ts";
import { temporaryFolder } from "../support/track-disk.ts";

/** Starts `tunewise serve-model` and gives its address. */
async function serveSmall(): Promise<string> {
  const words = ["--import", loader, program, "serve-model", smallModel, "--port", "0"];
  const child = spawn(process.execPath, words, {
    env: { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1" },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  return new Promise((found, failed) => {
    child.on("close", (code) => failed(new Error(`ended with ${code}: ${said}`)));
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const address = /^serving .* at (http:\S+)$/m.exec(said)?.[1];
      if (address) found(address);
    });
  });
}

/** A proxy: the first request meets a server that is busy, the second a stream that breaks; all others pass. */
async function breaking(upstream: string): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0;
  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = count++;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (at === 0) return void response.writeHead(429, { "retry-after": "0" }).end("{}");
    const answer = await fetch(upstream + (incoming.url ?? "").slice("/v1".length), {
      ...{ method: "POST", body: Buffer.concat(chunks), headers: { "content-type": "application/json" } },
    });
    const type = answer.headers.get("content-type") ?? "";
    response.writeHead(answer.status, { "content-type": type });
    let pieces = 0;
    for await (const piece of answer.body ?? []) {
      response.write(piece);
      if (at === 1 && pieces++ === 1) return void setTimeout(() => response.destroy(), 10);
    }
    response.end();
  };
  const server = createServer(
    (incoming, response) => void pass(incoming, response).catch(() => response.destroy()),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, count: () => count };
}

test("our own server answers through failures, its tokens are counted, and nothing is paid twice", async () => {
  const proxy = await breaking(await serveSmall());
  const database = await openDatabase(join(await temporaryFolder(), "store.sqlite"));
  onTestFinished(() => database.close());
  const processes = processTable(process);
  const host = { now: () => new Date(), random: () => 0.01, processes, signal: new AbortController().signal };
  const usdPerMillion = { input: 10, output: 100 };
  const price = tokenPriceOf({ model: "base", usdPerMillion }, { machines: [], training: [], inference: [] });
  const endpoint = endpointAt(proxy.url, { model: "base", timeoutSeconds: 60, triesMost: 4 });
  const options = { endpoint, price, purse: "own", cap: usd(0.1) };
  const payer = openPayer(options, database, await holderOf(processes, "t"), host);
  const question = questionOf("My parcel is lost.", { maxTokens: 6, temperature: 0, seed: 1, topP: 1 });
  const expected = await payer.expectedPrice([question, question], 6);
  const { answer, cost } = await payer.ask(question);
  expect(answer).toMatchObject({ usage: "reported", finish: "length", answerTokens: 6, leftOut: [] });
  expect(answer.text).not.toBe("");
  const most = (question.messages[0]?.content.length ?? 0) + 16 + 256;
  // the stream that broke counts at its most, the one that came by its count
  expect(cost).toBe(most * 10 + 600 + answer.promptTokens * 10 + 600);
  expect(answer.promptTokens).toBeLessThanOrEqual(most);
  expect(expected).toMatchObject({ questions: 2, repeated: 1, kept: 0 });
  expect(expected.most).toBeGreaterThanOrEqual(answer.promptTokens * 10 + 600);
  expect(await payer.ask(question)).toMatchObject({ isKept: true, answer });
  expect(proxy.count()).toBe(3);
});
