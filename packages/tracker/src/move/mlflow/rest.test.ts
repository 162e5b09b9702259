/** @file Requests to a tracking server: credentials, refusals, busy servers, and no redirects. */
import { expect, test } from "vitest";
import { basic, mlflowRest, type RestAccess } from "./rest.ts";

/** A server that returns these responses in order. */
function answering(
  ...answers: ((() => Response) | Error)[]
): RestAccess & { readonly asked: [string, RequestInit][] } {
  const asked: [string, RequestInit][] = [];
  return {
    asked,
    authorization: "Bearer secret-token",
    signal: new AbortController().signal,
    wait: async () => undefined,
    fetch: async (url, init) => {
      asked.push([String(url), init ?? {}]);
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer instanceof Error) throw answer;
      return (answer as () => Response)();
    },
  };
}

const json =
  (body: unknown, status = 200) =>
  (): Response =>
    new Response(JSON.stringify(body), { status });

test("asks with credentials, which are never shown", async () => {
  const access = answering(json({ a: 1 }));
  const rest = mlflowRest("https://ada:pass@host.example/base/?x=1#y", access);
  expect(rest.place).toBe("https://host.example/base");
  expect(await rest.ask("GET", "/api/x", { name: "a b&c" })).toEqual({ a: 1 });
  const [[url, init] = ["", {}]] = access.asked;
  expect(url).toBe("https://host.example/base/api/x?name=a+b%26c");
  expect(init.headers).toMatchObject({ authorization: "Bearer secret-token" });
  const inside = { ...access, authorization: null };
  await mlflowRest("https://ada:p%40ss@host.example", inside).ask("GET", "/", {});
  expect(access.asked[1]?.[1].headers).toMatchObject({ authorization: basic("ada", "p@ss") });
  for (const status of [401, 403]) {
    const refused = mlflowRest("https://ada:pass@host.example", answering(json({}, status))).ask(
      "GET",
      "/",
      {},
    );
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "MOVE_CREDENTIALS" });
    expect(String(error)).not.toMatch(/pass|secret/);
  }
});

test("asks a busy server again, and gives up in words", async () => {
  const busy = answering(json({}, 503), new Error("ECONNRESET"), json({ done: true }));
  expect(await mlflowRest("http://host", busy).ask("POST", "/x", {})).toEqual({ done: true });
  const gone = mlflowRest("http://host", answering(new Error("ECONNREFUSED"))).ask("GET", "/x", {});
  await expect(gone).rejects.toMatchObject({
    code: "MOVE_SERVER_FAILED",
    message: "http://host answered nothing (ECONNREFUSED) to GET /x.",
  });
});

test.each([
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "http://169.254.169.254/" } }),
    "302",
  ],
  ["no JSON", () => new Response("<html>"), "text that is not JSON"],
  ["a refusal", json({ error_code: "INVALID", message: "no" }, 400), "400 INVALID: no"],
])("takes %s for a failure", async (_, answer, said) => {
  const access = answering(answer);
  await expect(mlflowRest("http://host", access).ask("GET", "/x", {})).rejects.toMatchObject({
    code: "MOVE_SERVER_FAILED",
    message: expect.stringContaining(said),
  });
  expect(access.asked).toHaveLength(1);
});

test("tells a route that is not there from a failure", async () => {
  expect(await mlflowRest("http://host", answering(json({}, 404))).ask("GET", "/x", {})).toBeNull();
  expect(await mlflowRest("http://host", answering(json({}, 404))).download("/x", {})).toBeNull();
});
