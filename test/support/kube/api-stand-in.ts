/**
 * @file A simulated Kubernetes API server, strict in the features that tunewise uses: objects of a few kinds, their
 * schemas, and the proxy to services. It has no watch, no PATCH and no discovery. `test/kube` compares its responses
 * with the real server's.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type DeleteOptions, ObjectStore, type Place } from "./object-store.ts";
import { apiVersionOf, type Fields, type KubeObject, resources } from "./resources.ts";
import type { ApiServer } from "./rest.ts";
import { selectorOf } from "./selector.ts";
import { isServiceProxy, proxyToService, upgradeToService } from "./service-proxy.ts";
import { ApiError, badRequest } from "./status.ts";

/** A running server. */
export interface RunningServer {
  readonly access: ApiServer;
  readonly isReal: boolean;
  /** Minor version of Kubernetes that it behaves like. */
  readonly minor: number;
  end(): Promise<void> | void;
}

/** The version that introduced strict field validation on request. */
const minor = 25;
const pathForm =
  /^\/(?:api|apis\/([^/]+))\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/(status|binding))?$/;

/** A parsed request. */
interface Asked {
  readonly place: Place;
  /** Empty: all objects of the kind in the namespace. */
  readonly name: string;
  readonly part: "object" | "status" | "binding";
  readonly query: URLSearchParams;
  readonly body: Fields;
}

/** Starts the server on a free loopback port with plain HTTP. */
export async function startStandIn(): Promise<RunningServer> {
  const token = randomBytes(16).toString("hex");
  const store = new ObjectStore();
  const server = createServer((request, response) => {
    answer(store, token, request, response).catch((error: unknown) => {
      const known = error instanceof ApiError ? error : new ApiError(500, "InternalError", String(error));
      request.resume();
      if (response.headersSent) response.destroy();
      else send(response, known.code, known.body());
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      requireToken(request, token);
      upgradeToService(store, request, socket, head);
    } catch {
      socket.destroy();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    access: { url: `http://127.0.0.1:${port}`, ca: null, token },
    isReal: false,
    minor,
    end: () => {
      store.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  store: ObjectStore,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  requireToken(request, token);
  const { method = "GET", url = "/" } = request;
  if (isServiceProxy(url)) return proxyToService(store, request, response);
  if (url === "/version")
    return send(response, 200, { major: "1", minor: String(minor), gitVersion: `v1.${minor}.0` });
  const asked = await read(request, url);
  if (asked === null) {
    if (url.startsWith("/api/v1/"))
      throw new ApiError(404, "NotFound", "the server could not find the requested resource");
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
    return void response.end("404 page not found\n");
  }
  const { status, body } = done(store, method, asked);
  return send(response, status, body);
}

function requireToken({ headers }: IncomingMessage, token: string): void {
  if (headers.authorization !== `Bearer ${token}`) throw new ApiError(401, "Unauthorized", "Unauthorized");
}

async function read(request: IncomingMessage, url: string): Promise<Asked | null> {
  const { pathname, searchParams: query } = new URL(url, "http://localhost");
  const parts = pathForm.exec(pathname);
  if (parts === null) return null;
  const [, group = "", namespace = "", plural, name = "", part] = parts.map((part) =>
    decodeURIComponent(part ?? ""),
  );
  const resource = resources.find((one) => one.plural === plural && one.group === group);
  if (resource === undefined) return null;
  const body = await bodyOf(request);
  return { place: { resource, namespace }, name, part: (part || "object") as Asked["part"], query, body };
}

function done(store: ObjectStore, method: string, asked: Asked): { status: number; body: unknown } {
  const { place, name, part, query, body } = asked;
  const isStrict = query.get("fieldValidation") === "Strict";
  if (method === "GET")
    return { status: 200, body: name === "" ? listOf(store, asked) : store.get(place, name) };
  if (method === "POST" && name === "") return { status: 201, body: store.create(place, body, isStrict) };
  if (method === "POST" && part === "binding") {
    store.bind(place, name, body.target.name);
    return {
      status: 201,
      body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
    };
  }
  if (method === "PUT" && name !== "" && part !== "binding")
    return { status: 200, body: store.update(place, name, body, part, isStrict) };
  if (method === "DELETE" && name !== "") return { status: 200, body: deleted(store, asked) };
  throw new ApiError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  );
}

function deleted(store: ObjectStore, { place, name, query, body }: Asked): object {
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy") as DeleteOptions["propagationPolicy"];
  const options: DeleteOptions = {
    ...(body as DeleteOptions | null),
    ...(policy && { propagationPolicy: policy }),
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
  };
  const { object, isGone } = store.delete(place, name, options);
  const { group, plural } = place.resource;
  if (!isGone || plural === "pods" || plural === "services") return object;
  const details = { name, ...(group !== "" && { group }), kind: plural, uid: object.metadata.uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** A page of a list; the token for the next page encodes the last name of this one. */
function listOf(store: ObjectStore, { place, query }: Asked): object {
  const { resource } = place;
  const matches = selectorOf(query.get("labelSelector") ?? "");
  const after = Buffer.from(query.get("continue") ?? "", "base64url").toString("utf8");
  const named = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;
  const all = store.list(place).filter((one) => matches(one.metadata.labels ?? {}) && named(one) > after);
  const limit = Number(query.get("limit") ?? 0) || all.length;
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const rest = all.length > items.length && last !== undefined;
  const metadata = {
    resourceVersion: store.version,
    ...(rest && { continue: Buffer.from(named(last)).toString("base64url") }),
  };
  return { apiVersion: apiVersionOf(resource), kind: `${resource.kind}List`, metadata, items };
}

async function bodyOf(request: IncomingMessage): Promise<Fields> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
