import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Dashboard } from "./dashboard.ts";

let server: Server;
afterEach(() => new Promise((closed) => server.close(closed)));

/** Starts a server with fixed answers by path. */
async function answering(answers: Readonly<Record<string, unknown>>): Promise<Dashboard> {
  server = createServer((request, response) => {
    const found = answers[request.url ?? ""];
    response.statusCode = found === undefined ? 404 : 200;
    response.end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const environment = { RAY_AUTH_TOKEN: "", RAY_AUTH_TOKEN_PATH: "/nowhere" };
  return Dashboard.at(`ray+http://127.0.0.1:${(server.address() as AddressInfo).port}`, { environment });
}

const ray = (version: string) => ({ "/api/version": { version: "4", ray_version: version } });

test("a version that is not known is refused", async () => {
  await expect((await answering(ray("2.9.3"))).requireReady()).rejects.toMatchObject({
    code: "RAY_VERSION_UNSUPPORTED",
    params: { found: "2.9.3", least: "2.50" },
  });
});

test("a cluster without tokens lets everybody in", async () => {
  expect(await (await answering(ray("2.60.0"))).requireReady()).toBe("2.60.0");
});

test("nodes that have gone are not counted", async () => {
  const node = (state: string, CPU: number) => ({ state, resources_total: { CPU } });
  const result = [node("ALIVE", 4), node("DEAD", 64)];
  const dashboard = await answering({ "/api/v0/nodes": { data: { result: { result } } } });
  expect(await dashboard.nodes()).toEqual([{ resources: { CPU: 4 } }]);
});
