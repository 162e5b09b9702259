/** @file Finds the route for a request. */
import type { About, Policy, Protocol, Route } from "./route.ts";

/** Result of a lookup: a route with its path's parameters, or the methods allowed for the path. */
export type Found =
  | { readonly protocol: Protocol; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly protocol: Protocol; readonly allowed: readonly string[] }
  | null;

interface Pattern {
  readonly protocol: Protocol;
  readonly route: Route;
  readonly parts: readonly string[];
}

const policies: ReadonlySet<Policy> = new Set(["open", "read", "write", "admin"]);
const aboutWords: ReadonlySet<About> = new Set(["nothing", "new-project", "registry", "readable", "parts"]);
const aboutKeys: ReadonlySet<string> = new Set(["all", "registryAnd", "among"]);

/** Whether a route's subjects are valid; an open route must not concern anything that belongs to a project. */
function saysAbout({ policy, about }: Route): boolean {
  if (policy === "open" || typeof about !== "object") {
    return policy === "open" ? about === "nothing" : aboutWords.has(about);
  }
  const [key = "", ...more] = Object.keys(about ?? {});
  return aboutKeys.has(key) && more.length === 0;
}

/**
 * Creates a function that finds routes by method and path.
 *
 * @throws if two routes conflict, or one has no valid policy or subjects: such a server must not start
 */
export function createRouter(protocols: readonly Protocol[]): (method: string, path: string) => Found {
  const exact = new Map<string, Pattern[]>();
  const open: Pattern[] = [];
  const seen = new Set<string>();
  for (const protocol of protocols) {
    for (const route of protocol.routes) {
      const name = `${route.method} ${route.path.replace(/:\w+/g, ":")}`;
      if (!policies.has(route.policy)) throw new Error(`Internal: ${name} has no policy`);
      if (!saysAbout(route)) throw new Error(`Internal: ${name} does not say what it is about`);
      if (seen.has(name)) throw new Error(`Internal: two routes for ${name}`);
      seen.add(name);
      const pattern = { protocol, route, parts: route.path.split("/") };
      if (/[:*]/.test(route.path)) open.push(pattern);
      else exact.set(route.path, [...(exact.get(route.path) ?? []), pattern]);
    }
  }
  return (method, path) => {
    const fitting = (exact.get(path) ?? []).map((pattern) => ({ pattern, params: {} }));
    if (fitting.length === 0) {
      for (const pattern of open) {
        const params = paramsOf(pattern.parts, path.split("/"));
        if (params) fitting.push({ pattern, params });
      }
    }
    const [first] = fitting;
    if (!first) return null;
    const found = fitting.find(({ pattern }) => pattern.route.method === method);
    if (found) return { ...found.pattern, params: found.params };
    return { allowed: fitting.map(({ pattern }) => pattern.route.method), protocol: first.pattern.protocol };
  };
}

/** Values of a pattern's parameters, decoded once, or `null` if the path does not match. */
function paramsOf(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    if (part.startsWith("*")) {
      const rest = decoded(parts.slice(at).join("/"));
      return rest === null ? null : { ...params, [part.slice(1)]: rest };
    }
    const found = parts[at];
    if (found === undefined) return null;
    if (!part.startsWith(":")) {
      if (part !== found) return null;
      continue;
    }
    const value = decoded(found);
    if (value === null || value === "") return null;
    params[part.slice(1)] = value;
  }
  return parts.length === pattern.length ? params : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
