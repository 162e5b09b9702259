/**
 * @file The path from kubectl through an API server to a service: what is forwarded, what is withheld, and which
 * failures occur.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KubeFault } from "../support/kube/faults.ts";
import { type Kube, servers, startKube } from "../support/kube/kube.ts";
import { hasKubectl, type KubectlProxy, startKubectlProxy } from "../support/kube/kubectl.ts";
import { reachableAddress } from "../support/kube/reachable.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe.skipIf(!hasKubectl).each(servers)("kubectl to $server", ({ server }) => {
  const folder = temporaryFolder();
  let kube: Kube;
  let kubectl: KubectlProxy;
  let behind: Server;
  let fault: KubeFault | null = null;
  let services = "";
  const seen: IncomingMessage[] = [];

  beforeAll(async () => {
    kube = await startKube({ server, faults: ({ path }) => (path.includes("faulty") ? fault : null) });
    kubectl = await startKubectlProxy(kube, folder);
    behind = await startService(reachableAddress(kube.isReal), seen);
    services = `/api/v1/namespaces/${kube.namespace}/services`;
    await addService(kube, "head", behind.address() as AddressInfo);
  });
  afterAll(async () => {
    await kubectl?.end();
    behind?.closeAllConnections();
    behind?.close();
    await kube?.stop();
  });
  beforeEach(() => {
    fault = null;
    seen.length = 0;
  });
  const jobs = (): string => `/apis/ray.io/v1/namespaces/${kube.namespace}/rayjobs`;

  test("lists objects", async () => {
    const { status, text } = await kubectl.ask("GET", jobs());
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ kind: "RayJobList", items: [] });
  });

  test.each(["http:head:8265", "http:head:dashboard", "head:8265"])("reaches %s", async (name) => {
    const { status, text } = await kubectl.ask("GET", `${services}/${name}/proxy/api/version?a=b%20c`);
    expect({ status, text }).toEqual({ status: 200, text: "GET /api/version?a=b%20c " });
  });

  test("takes a name of two parts for one with a port, and leads to the root", async () => {
    const half = await kubectl.ask("GET", `${services}/http:head/proxy/`);
    expect(half.status).toBe(404);
    expect(JSON.parse(half.text).message).toBe('services "http" not found');
    const bare = await kubectl.ask("GET", `${services}/http:head:8265/proxy`);
    expect(bare.status).toBe(301);
    expect(bare.headers.location).toMatch(/\/proxy\/$/);
  });

  test("passes on the body and Ray's token, and keeps the server's own", async () => {
    const headers = {
      "x-ray-authorization": "Bearer ray",
      "content-type": "text/x",
    };
    const { text } = await kubectl.ask(
      "PUT",
      `${services}/http:head:8265/proxy/put`,
      "x".repeat(300_000),
      headers,
    );
    expect(text).toBe(`PUT /put ${"x".repeat(300_000)}`);
    expect(seen[0]?.headers).toMatchObject({ "x-ray-authorization": "Bearer ray", "content-type": "text/x" });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("takes a client's own token for the server's", async () => {
    const headers = { authorization: "Bearer ray" };
    const { status, text } = await kubectl.ask(
      "GET",
      `${services}/http:head:8265/proxy/`,
      undefined,
      headers,
    );
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ kind: "Status", reason: "Unauthorized" });
    expect(seen).toEqual([]);
  });

  test("passes on what the service refuses", async () => {
    const { status, headers, text } = await kubectl.ask("GET", `${services}/http:head:8265/proxy/refuse`);
    expect({ status, text }).toEqual({ status: 403, text: "refused" });
    expect(headers["x-own"]).toBe("yes");
  });

  test("passes on an answer while it is made", async () => {
    const sent = kubectl.send("GET", `${services}/http:head:8265/proxy/slow`);
    const parts = await new Promise<string[]>((resolve, reject) => {
      const found: string[] = [];
      sent.once("error", reject).once("response", (answer) => {
        answer.setEncoding("utf8").on("data", (part: string) => found.push(`${part}@${Date.now()}`));
        answer.once("end", () => resolve(found));
      });
      sent.end();
    });
    const times = parts.map((part) => Number(part.split("@")[1]));
    expect(parts.map((part) => part.split("@")[0]).join("")).toBe("onetwo");
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200);
  });

  test("changes the protocol, as WebSockets do", async () => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
      "x-ray-authorization": "Bearer ray",
    };
    const sent = kubectl.send("GET", `${services}/http:head:8265/proxy/socket`, headers);
    const socket = await new Promise<Socket>((resolve, reject) => {
      sent.once("error", reject).once("upgrade", (_, found) => resolve(found as Socket));
      sent.once("response", (answer) => reject(new Error(`status ${answer.statusCode}`)));
      sent.end();
    });
    const echoed = new Promise((resolve) => socket.once("data", (part: Buffer) => resolve(part.toString())));
    socket.write("hello");
    expect(await echoed).toBe("hello");
    expect(seen[0]?.headers["x-ray-authorization"]).toBe("Bearer ray");
    socket.destroy();
  });

  test("says that there is no such service, that it has no endpoints, or that nobody is there", async () => {
    const none = await kubectl.ask("GET", `${services}/http:none:8265/proxy/`);
    expect(none.status).toBe(404);
    expect(JSON.parse(none.text)).toMatchObject({ reason: "NotFound", message: 'services "none" not found' });
    await addService(kube, "empty", null);
    const bare = await kubectl.ask("GET", `${services}/http:empty:8265/proxy/`);
    expect(bare.status).toBe(404);
    expect(JSON.parse(bare.text).message).toBe('services "empty" not found');
    const endpoints = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "empty" }, subsets: [] };
    await kube.request("POST", `/api/v1/namespaces/${kube.namespace}/endpoints`, endpoints);
    const empty = await kubectl.ask("GET", `${services}/http:empty:8265/proxy/`);
    expect(empty.status).toBe(503);
    const message = 'no endpoints available for service "empty"';
    expect(JSON.parse(empty.text)).toMatchObject({ reason: "ServiceUnavailable", message });
    await addService(kube, "away", { ...(behind.address() as AddressInfo), port: 1 });
    const away = await kubectl.ask("GET", `${services}/http:away:8265/proxy/`);
    expect(away.status).toBe(500);
    expect(away.text).toContain("error trying to reach service: ");
  });

  describe("when it fails", () => {
    const job = (): string =>
      JSON.stringify({
        apiVersion: "ray.io/v1",
        kind: "RayJob",
        metadata: { name: "faulty" },
        spec: { entrypoint: "true" },
      });
    const json = { "content-type": "application/json" };

    test("refuses in the server's words", async () => {
      fault = {
        kind: "refuse",
        status: 403,
        message: 'secrets "faulty" is forbidden: User "tester" cannot get it',
      };
      const { status, text } = await kubectl.ask(
        "GET",
        `/api/v1/namespaces/${kube.namespace}/secrets/faulty`,
      );
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({
        kind: "Status",
        reason: "Forbidden",
        message: fault.message,
        code: 403,
      });
    });

    test("loses a request", async () => {
      fault = { kind: "lose-request" };
      expect((await kubectl.ask("POST", `${jobs()}?faulty`, job(), json)).status).toBe(500);
      expect((await kube.request("GET", `${jobs()}/faulty`)).status).toBe(404);
    });

    test("loses the answer to what was done", async () => {
      fault = { kind: "lose-answer" };
      expect((await kubectl.ask("POST", `${jobs()}?faulty`, job(), json)).status).toBe(500);
      expect((await kube.request("GET", `${jobs()}/faulty`)).status).toBe(200);
    });

    test("takes longer", async () => {
      fault = { kind: "delay", ms: 500 };
      const start = Date.now();
      expect((await kubectl.ask("GET", `${jobs()}/faulty`)).status).toBe(200);
      expect(Date.now() - start).toBeGreaterThanOrEqual(495);
    });
  });
});

/** A server that echoes each request. */
async function startService(host: string, seen: IncomingMessage[]): Promise<Server> {
  const server = createServer((request, response) => {
    seen.push(request);
    if (request.url === "/refuse") return void response.writeHead(403, { "x-own": "yes" }).end("refused");
    if (request.url === "/slow") {
      response.write("one");
      return void setTimeout(() => response.end("two"), 400);
    }
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.once("end", () => response.end(`${request.method} ${request.url} ${body}`));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    seen.push(request);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  return server;
}

/** A service with one port, with or without an endpoint. */
async function addService(kube: Kube, name: string, to: AddressInfo | null): Promise<void> {
  const path = `/api/v1/namespaces/${kube.namespace}`;
  const ports = [{ name: "dashboard", port: 8265, targetPort: 8265, protocol: "TCP" }];
  const spec = { clusterIP: "None", ports };
  const made = await kube.request("POST", `${path}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec,
  });
  expect(made.status, made.text).toBe(201);
  if (to === null) return;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  const running = await kube.request("POST", `${path}/pods`, pod);
  const status = { phase: "Running", podIP: to.address, podIPs: [{ ip: to.address }] };
  await kube.request("PUT", `${path}/pods/${name}/status`, { ...running.body, status });
  const targetRef = { kind: "Pod", namespace: kube.namespace, name };
  const subsets = [
    {
      addresses: [{ ip: to.address, targetRef }],
      ports: [{ name: "dashboard", port: to.port, protocol: "TCP" }],
    },
  ];
  const led = await kube.request("POST", `${path}/endpoints`, {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name },
    subsets,
  });
  expect(led.status, led.text).toBe(201);
}
