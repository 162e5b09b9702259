import type { IncomingMessage } from "node:http";
import { isLoopback, requireLocalHost } from "@tunewise/tracker/http";
import { describe, expect, it } from "vitest";
import { identifyKey } from "./model-server.ts";

const request = (headers: Record<string, string>): IncomingMessage =>
  ({ headers }) as unknown as IncomingMessage;

describe("loopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["localhost", true],
    ["LocalHost", true],
    ["::1", true],
    ["[::1]", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.2", false],
    ["127.0.0.1.example.org", false],
    ["localhost.example.org", false],
    ["127.0.0", false],
    ["", false],
  ])("%s: %s", (host, is) => {
    expect(isLoopback(host)).toBe(is);
  });
});

describe("a key", () => {
  const { callerOf } = identifyKey("s3cret");
  it.each([
    ["Bearer s3cret", null],
    ["bearer   s3cret ", null],
    ["Bearer s3cre", 401],
    ["Bearer s3crets", 401],
    ["Basic s3cret", 401],
    ["s3cret", 401],
    ["Bearer", 401],
    ["", 401],
  ])("%j", async (authorization, status) => {
    const asking = callerOf(request({ authorization, host: "anywhere.example" }));
    if (status === null) expect(await asking).toMatchObject({ name: "", isAdmin: true });
    else await expect(asking).rejects.toMatchObject({ status });
  });

  it("without a header", async () => {
    const headers = { "www-authenticate": "Bearer" };
    await expect(callerOf(request({}))).rejects.toMatchObject({ status: 401, headers });
  });
});

describe("without a key", () => {
  it.each([
    ["localhost", true],
    ["localhost:8080", true],
    ["127.0.0.1:1", true],
    ["[::1]:8080", true],
    ["example.org", false],
    ["localhost:8080.example.org", false],
    ["", false],
  ])("a caller of %j is local: %s", (host, isLocal) => {
    const check = (): void => requireLocalHost(request({ host }));
    if (isLocal) check();
    else expect(check).toThrow("This server answers calls to localhost alone.");
  });
});
