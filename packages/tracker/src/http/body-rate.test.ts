/** @file Tests that slow bodies are cut off, and that steady ones may take any time. */
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { HttpError, type Protocol } from "./route.ts";
import { serveHttp } from "./serve.ts";

const protocol: Protocol = {
  name: "test",
  about: "A test.",
  error: "message!",
  refuse: (error) => ({
    status: error instanceof HttpError ? error.status : 500,
    body: { message: String(error) },
  }),
  invalid: () => new HttpError(400, "invalid", "invalid"),
  routes: [
    {
      method: "PUT",
      path: "/file",
      policy: "open",
      about: "nothing",
      maxBodyBytes: 0,
      summary: "Takes a file.",
      handle: async (_, { request }) => {
        let bytes = 0;
        for await (const chunk of request) bytes += (chunk as Buffer).length;
        return { status: 200, body: { bytes } };
      },
    },
  ],
};

/** Sends pieces with pauses, and returns everything received. */
async function send(port: number, pieces: number, size: number, pauseMs: number): Promise<string> {
  let text = "";
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise<void>((done) => socket.once("close", () => done()));
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on("error", () => undefined);
  socket.write(
    `PUT /file HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${pieces * size}\r\n\r\n`,
  );
  for (let at = 0; at < pieces && !socket.destroyed; at++) {
    socket.write(Buffer.alloc(size));
    await pause(pauseMs);
  }
  await closed;
  return text;
}

test("a floor on the rate, and no limit on the time", async () => {
  const server = await serveHttp({
    host: "127.0.0.1",
    port: 0,
    protocols: [protocol],
    identify: null,
    sameOrigin: false,
    limits: { requestTimeout: 0, slowestBody: { bytes: 1000, ms: 200 } },
  });
  onTestFinished(() => server.close(0));
  const began = performance.now();
  expect(await send(server.port, 20, 2000, 50)).toContain('{"bytes":40000}');
  expect(performance.now() - began).toBeGreaterThan(900);
  const slow = await send(server.port, 100, 10, 50);
  expect(slow).toMatch(/^HTTP\/1\.1 408 [\s\S]*The body came too slowly/);
});
