/** @file A model hub on the loopback interface with configurable faults. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** A request received by the server. */
export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** The hub and its fault settings. */
export interface FakeHub {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  /** Requests received by the second host, the target of `redirect`. */
  readonly seenElsewhere: SeenRequest[];
  /** Files by `ID/NAME`; names in `large` are listed as LFS files. */
  readonly files: Map<string, Buffer>;
  readonly large: Set<string>;
  /** Per file name: numbers of bytes after which successive connections are closed. */
  readonly cuts: Map<string, number[]>;
  /** HTTP statuses that replace the responses, by path. */
  readonly statuses: Map<string, number>;
  /** Replaces the file list of an ID. */
  readonly listings: Map<string, unknown>;
  ranges: boolean;
  redirect: boolean;
  /** Names whose requests get no response. */
  readonly hanging: Set<string>;
  /** Resets all settings. */
  reset(): void;
}

/** The commit of every fake repository. */
export const fakeCommit = "0123456789abcdef0123456789abcdef01234567";

/** Starts the hub; it stops after the tests of the file. */
export async function fakeHub(): Promise<FakeHub> {
  const hub: { -readonly [Key in keyof FakeHub]: FakeHub[Key] } = {
    endpoint: "",
    seen: [],
    seenElsewhere: [],
    files: new Map(),
    large: new Set(),
    cuts: new Map(),
    statuses: new Map(),
    listings: new Map(),
    ranges: true,
    redirect: false,
    hanging: new Set(),
    reset: () => {
      for (const part of [hub.files, hub.large, hub.cuts, hub.statuses, hub.listings, hub.hanging])
        part.clear();
      hub.seen.length = 0;
      hub.seenElsewhere.length = 0;
      hub.ranges = true;
      hub.redirect = false;
    },
  };
  const second = await start((request, response) => {
    hub.seenElsewhere.push(seenOf(request));
    sendFile(hub, request, response);
  });
  const first = await start((request, response) => {
    hub.seen.push(seenOf(request));
    answer(hub, request, response, second);
  });
  hub.endpoint = first;
  return hub;
}

async function start(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function seenOf(request: IncomingMessage): SeenRequest {
  const { range, authorization } = request.headers;
  return { path: request.url ?? "", range, authorization };
}

function answer(hub: FakeHub, request: IncomingMessage, response: ServerResponse, second: string): void {
  const path = request.url ?? "";
  const status = [...hub.statuses].find(([part]) => path.includes(part))?.[1];
  if (status !== undefined) {
    response.writeHead(status).end();
    return;
  }
  const listed = /^\/api\/(?:models|datasets)\/([^/]+\/[^/]+)\/revision\/([^/?]+)\?blobs=true$/.exec(path);
  if (listed !== null) {
    sendListing(hub, listed[1] ?? "", response);
    return;
  }
  if (hub.redirect) response.writeHead(302, { location: `${second}${path}` }).end();
  else sendFile(hub, request, response);
}

function sendListing(hub: FakeHub, id: string, response: ServerResponse): void {
  const own = hub.listings.get(id);
  const names = [...hub.files.keys()].filter((key) => key.startsWith(`${id}/`));
  if (own === undefined && names.length === 0) {
    response.writeHead(404).end();
    return;
  }
  const siblings = names.map((key) => {
    const content = hub.files.get(key) ?? Buffer.alloc(0);
    const name = key.slice(id.length + 1);
    const lfs = { sha256: createHash("sha256").update(content).digest("hex"), size: content.length };
    const blob = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    const base = { rfilename: name, size: content.length, blobId: blob };
    return hub.large.has(name) ? { ...base, blobId: "f".repeat(40), lfs } : base;
  });
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(own ?? { sha: fakeCommit, siblings }));
}

function sendFile(hub: FakeHub, request: IncomingMessage, response: ServerResponse): void {
  const match = /^\/(?:datasets\/)?([^/]+\/[^/]+)\/resolve\/[0-9a-f]{40}\/(.+)$/.exec(request.url ?? "");
  const name = decodeURIComponent(match?.[2] ?? "");
  const content = hub.files.get(`${match?.[1]}/${name}`);
  if (hub.hanging.has(name)) return;
  if (content === undefined) {
    response.writeHead(404).end();
    return;
  }
  const from = hub.ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {});
  const cut = hub.cuts.get(name)?.shift();
  if (cut === undefined) response.end(content.subarray(from));
  else response.write(content.subarray(from, from + cut), () => setTimeout(() => response.destroy(), 20));
}
