/** @file Our own endpoint as a process, and a failing proxy in front of it. */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { program } from "./program.ts";
import { smallModel } from "./small-run.ts";

/** Starts `tunewise model serve` and returns its URL. */
export async function serveSmall(): Promise<string> {
  const words = [program, "serve-model", smallModel, "--port", "0"];
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

/** A proxy that answers the first request with 429, breaks the stream of the second, and passes all others. */
export async function breakingProxy(
  upstream: string,
): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0;
  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = count++;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    if (at === 0) return void response.writeHead(429, { "retry-after": "0" }).end("{}");
    const answer = await fetch(upstream + (incoming.url ?? "").slice("/v1".length), {
      method: "POST",
      body: Buffer.concat(chunks),
      headers: { "content-type": "application/json" },
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
