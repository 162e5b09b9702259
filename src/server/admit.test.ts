import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { createDoor, isLoopback } from "./admit.ts";

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

describe("a door with a key", () => {
  const door = createDoor("s3cret");
  it.each([
    ["Bearer s3cret", null],
    ["bearer   s3cret ", null],
    ["Bearer s3cre", 401],
    ["Bearer s3crets", 401],
    ["Basic s3cret", 401],
    ["s3cret", 401],
    ["Bearer", 401],
    ["", 401],
  ])("%j", (authorization, status) => {
    expect(door(request({ authorization, host: "anywhere.example" }))?.status ?? null).toBe(status);
  });

  it("without a header", () => {
    expect(door(request({}))).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  });
});

describe("a door without a key", () => {
  const door = createDoor(null);
  it.each([
    ["localhost", null],
    ["localhost:8080", null],
    ["127.0.0.1:1", null],
    ["[::1]:8080", null],
    ["example.org", 403],
    ["localhost:8080.example.org", 403],
    ["", 403],
  ])("for a caller of %j", (host, status) => {
    expect(door(request({ host }))?.status ?? null).toBe(status);
  });
});
