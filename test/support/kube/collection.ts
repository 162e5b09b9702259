/** @file Objects of one kind in a namespace, accessed by REST on either server, as operators and kubelets do. */
import { apiVersionOf, type Fields, type KubeObject, type Resource, resources } from "./resources.ts";
import { type ApiServer, askServer } from "./rest.ts";

/** Operations on the objects of a kind. */
export interface Collection {
  /** `null`: there is no object with that name. */
  get(name: string): Promise<KubeObject | null>;
  list(labelSelector?: string): Promise<readonly KubeObject[]>;
  /** Does nothing if the name exists. */
  create(object: Fields): Promise<void>;
  /** Writes an object. Returns `false` if it changed or is gone; the next pass handles it. */
  update(object: KubeObject, part?: "status"): Promise<boolean>;
  delete(name: string, options?: object): Promise<void>;
  /** Assigns a pod to a node. */
  bind(name: string, node: string): Promise<void>;
}

/** Opens the objects of a kind. */
export function collectionOf(server: ApiServer, namespace: string, plural: string): Collection {
  const resource = resources.find((one) => one.plural === plural) as Resource;
  const { group, kind, isNamespaced } = resource;
  const base = group === "" ? "/api/v1" : `/apis/${group}/v1`;
  const path = `${base}${isNamespaced ? `/namespaces/${namespace}` : ""}/${plural}`;
  const ask = async (
    allowed: readonly number[],
    method: string,
    where: string,
    body?: unknown,
  ): Promise<Fields> => {
    const { status, body: answer, text } = await askServer(server, method, where, body);
    if (status < 300) return answer;
    if (allowed.includes(status)) return null;
    throw new Error(`${method} ${where}: ${status} ${text.slice(0, 500)}`);
  };
  return {
    get: (name) => ask([404], "GET", `${path}/${name}`),
    list: async (selector = "") => {
      const found = await ask([], "GET", `${path}?labelSelector=${encodeURIComponent(selector)}`);
      // items of a list lack `kind` and `apiVersion`
      return found.items.map((one: Fields) => ({ ...one, kind, apiVersion: apiVersionOf(resource) }));
    },
    create: (object) => ask([409], "POST", path, { apiVersion: apiVersionOf(resource), kind, ...object }),
    update: async (object, part) => {
      const where = `${path}/${object.metadata.name}${part === undefined ? "" : `/${part}`}`;
      return (await ask([404, 409], "PUT", where, object)) !== null;
    },
    delete: (name, options = {}) =>
      ask([404], "DELETE", `${path}/${name}`, { kind: "DeleteOptions", apiVersion: "v1", ...options }),
    bind: (name, node) => {
      const target = { apiVersion: "v1", kind: "Node", name: node };
      const binding = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
      return ask([404, 409], "POST", `${path}/${name}/binding`, binding);
    },
  };
}
