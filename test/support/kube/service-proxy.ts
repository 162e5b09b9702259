/** @file The proxy through an API server to a service of the cluster: `/services/http:NAME:PORT/proxy/PATH`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { forward, forwardUpgrade, headersOf, type Target } from "./forward.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Fields, type Resource, resources } from "./resources.ts";
import { ApiError, notFound } from "./status.ts";

const form =
  /^\/api\/v1\/namespaces\/([^/]+)\/services\/(?:(https?):(?=[^/]*:))?([^/:]+)(?::([^/]*))?\/proxy(\/.*|\?.*|)$/;
const kinds = (plural: string): Resource => resources.find((one) => one.plural === plural) as Resource;
const [services, endpoints, pods] = [kinds("services"), kinds("endpoints"), kinds("pods")];

/** Whether a path is a service proxy. */
export function isServiceProxy(path: string): boolean {
  return form.test(path);
}

/** Forwards a request to an address of the service's endpoints. */
export async function proxyToService(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = "", method } = request;
  if (url.endsWith("/proxy") && method === "GET")
    return void response.writeHead(301, { location: `${url}/` }).end();
  const target = targetOf(store, request);
  try {
    await forward(request, response, target);
  } catch (error) {
    const { message } = error as Error;
    throw new ApiError(500, "", `error trying to reach service: ${message}`);
  }
}

/** Like `proxyToService`, for a WebSocket. */
export function upgradeToService(
  store: ObjectStore,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  forwardUpgrade(request, socket, head, targetOf(store, request));
}

/** Resolves the target and drops the server's own headers, such as its token. */
function targetOf(store: ObjectStore, request: IncomingMessage): Target {
  const [, namespace = "", scheme = "http", name = "", port = "", path = ""] =
    form.exec(request.url ?? "") ?? [];
  const { spec } = store.get({ resource: services, namespace }, name);
  const wanted: Fields = spec.ports.find(
    (one: Fields) => port === "" || one.name === port || String(one.port) === port,
  );
  const unavailable = (what: string): ApiError => new ApiError(503, "ServiceUnavailable", what);
  if (wanted === undefined) throw unavailable(`no service port ${port} found for service "${name}"`);
  const found = store.list({ resource: endpoints, namespace }).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw notFound(services, name);
  for (const { addresses = [], ports = [] } of found["subsets"] ?? []) {
    const named: Fields = ports.find((one: Fields) => (one.name ?? "") === (wanted.name ?? ""));
    // accepts only addresses of pods in the namespace
    const [first] = addresses.filter((one: Fields) => hasAddress(store, namespace, one));
    if (first !== undefined && named !== undefined)
      return {
        url: `${scheme}://${first.ip}:${named.port}`,
        path: path.startsWith("/") ? path : `/${path}`,
        headers: headersOf(request, "authorization", "host"),
      };
  }
  throw unavailable(`no endpoints available for service "${name}"`);
}

function hasAddress(store: ObjectStore, namespace: string, { ip, targetRef }: Fields): boolean {
  if (targetRef?.namespace !== namespace) return false;
  const pod = store
    .list({ resource: pods, namespace })
    .find(({ metadata }) => metadata.name === targetRef.name);
  return (pod?.status?.podIPs ?? []).some((one: Fields) => one.ip === ip);
}
