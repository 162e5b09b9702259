/** Tests that the OpenAPI document is valid and describes exactly the routes that the server has. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { openTrackingContext } from "@tunewise/tracker";
import type { Protocol } from "@tunewise/tracker/http";
import { createRouter, describeRoutes, shape } from "@tunewise/tracker/http";
import { identifyUsers, serveTracking, withAbout } from "@tunewise/tracker/server";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { trackingProtocols } from "./protocols.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly security: readonly object[];
  readonly [key: string]: unknown;
}

async function protocols(): Promise<Protocol[]> {
  const host = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext({ store: ":memory:", artifacts: await temporaryFolder() }, host);
  onTestFinished(() => context.close());
  return withAbout(trackingProtocols(context, identifyUsers(context), { output: null }), "1.2.3", null);
}

function operations(document: object): [method: string, path: string, operation: Operation][] {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  );
}

test("is OpenAPI 3.1", async () => {
  const validator = new Validator();
  const document = describeRoutes(await protocols(), "1.2.3");
  const { valid, errors } = await validator.validate(structuredClone(document) as Record<string, unknown>);
  expect([valid, errors]).toEqual([true, undefined]);
  expect(validator.version).toBe("3.1");
  expect(
    await new Validator().validate({ ...document, paths: { "/a": { get: { responses: 7 } } } }),
  ).toMatchObject({
    valid: false,
  });
});

test("describes every route once, and nothing else", async () => {
  const all = await protocols();
  const described = operations(describeRoutes(all, "1.2.3"));
  const routes = all.flatMap(({ routes }) => routes.map(({ method, path }) => `${method} ${path}`));
  expect(described.map(([method, path]) => `${method} ${path}`).sort()).toEqual(
    routes.map((route) => route.replace(/[:*](\w+)/g, "{$1}")).sort(),
  );
  expect(new Set(described.map(([, , { operationId }]) => operationId)).size).toBe(routes.length);
  const find = createRouter(all);
  for (const [method, path] of described) {
    expect(find(method, path.replace(/\{\w+\}/g, "1")), `${method} ${path}`).toHaveProperty("route");
  }
});

test("names every word of a path, and who may call", async () => {
  const all = await protocols();
  const policies = new Map(
    all.flatMap(({ routes }) =>
      routes.map(({ method, path, policy }): [string, string] => [`${method} ${path}`, policy]),
    ),
  );
  for (const [method, path, operation] of operations(describeRoutes(all, "1.2.3"))) {
    const words = operation.parameters.filter((one) => one.in === "path").map(({ name }) => name);
    expect(words).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const route = [...policies.keys()].find(
      (name) => name.replace(/[:*](\w+)/g, "{$1}") === `${method} ${path}`,
    );
    expect(operation["x-policy"]).toBe(policies.get(route ?? ""));
    expect(operation.security.length === 0).toBe(operation["x-policy"] === "open");
  }
});

test("has no shape that is not used", async () => {
  const document = describeRoutes(await protocols(), "1.2.3") as { components: { schemas: object } };
  const text = JSON.stringify(document);
  for (const name of Object.keys(document.components.schemas)) {
    expect(text).toContain(`"#/components/schemas/${name}"`);
  }
});

test("describes what the parser takes", async () => {
  const all = new Map(
    operations(describeRoutes(await protocols(), "1.2.3")).map(([method, path, operation]) => [
      `${method} ${path}`,
      operation,
    ]),
  );
  expect(all.get("POST /api/tunewise/v1/runs/{id}/stop")?.["requestBody"]).toMatchObject({
    content: {
      "application/json": {
        schema: { properties: { reason: { type: "string", minLength: 1, maxLength: 1000 } } },
      },
    },
  });
  expect(all.get("GET /api/2.0/mlflow/experiments/get")?.parameters).toEqual([
    { name: "experiment_id", in: "query", required: true, schema: { type: "string" } },
  ]);
  expect(all.get("POST /ajax-api/2.0/mlflow/upload-artifact")?.parameters).toMatchObject([
    { name: "run_uuid", in: "query", required: true },
    { name: "path", in: "query", required: true },
  ]);
});

test("is what a server gives, and the server says what it does not count", async () => {
  const all = await protocols();
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols: all, identify: null });
  onTestFinished(() => server.close(0));
  const answer = await fetch(`${server.url}/openapi.json`);
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(describeRoutes(all, "1.2.3"))));
  const none = await fetch(`${server.url}/metrics`);
  expect([none.status, await none.json()]).toEqual([404, { error: "This server counts nothing." }]);
});

test.each([
  [
    "a! b:int c:Run[]",
    { required: ["a"], properties: { c: { items: { $ref: "#/components/schemas/Run" } } } },
  ],
  ["", { type: "object", properties: {} }],
])("the shape %j", (text, expected) => {
  expect(shape(text)).toMatchObject(expected);
});

test.each(["a:colour", "a:b:c", ":"])("%j is no shape", (text) => {
  expect(() => shape(text)).toThrow(/^Internal: /);
});
