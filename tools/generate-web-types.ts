/** @file Generates the types of the server's replies to the page, from the OpenAPI document. */
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { generate as generateOpenApi } from "./generate-openapi.ts";

/** Path of the types. */
export const target = "web/src/data/schema.ts";

/** The types as text. */
export async function generate(): Promise<string> {
  const document = JSON.parse(await generateOpenApi()) as Described;
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith("/api/tunewise/"));
  const used = { ...document, paths: Object.fromEntries(paths) };
  const schemas = reachable(used.paths, document.components.schemas);
  const nodes = await openapiTS({ ...used, components: { schemas } } as unknown as OpenAPI3);
  return `/** @file Generated from schema/openapi.json by tools/generate.ts. */\n${astToString(nodes)}`;
}

interface Described {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Schemas referenced by paths, directly or through other schemas. */
function reachable(paths: object, schemas: Described["components"]["schemas"]): Record<string, object> {
  const found: Record<string, object> = {};
  const waiting = [paths];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = schemas[name];
      if (schema === undefined || name in found) continue;
      found[name] = schema;
      waiting.push(schema);
    }
  }
  return found;
}
