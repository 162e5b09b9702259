/** @file Tests storing files under any name, and files that cannot be stored, on each database. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { serveTest } from "../../../../../test/support/tracking-server.ts";

type Json = Record<string, unknown>;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function server() {
    const { url, failures } = await serveTest({ store: await make() });
    const api = `${url}/api/2.0/mlflow`;
    const get = async (path: string): Promise<Json> => (await (await fetch(`${api}/${path}`)).json()) as Json;
    const run = async (): Promise<string> => {
      const body = JSON.stringify({ experiment_id: "0" });
      const made = (await (await fetch(`${api}/runs/create`, { method: "POST", body })).json()) as Json;
      return (made["run"] as { info: { run_id: string } }).info.run_id;
    };
    return { url, failures, get, run };
  }

  it("a file keeps its name, whatever letters it has", async () => {
    const { url, run, get, failures } = await server();
    const id = await run();
    const files = `${url}/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts`;
    const names = [
      ...[
        "dog#a%step%3%timestamp%17.png",
        'a:b*c"d<e>f|g',
        " ends ",
        "dots..",
        "x".repeat(700),
        "aux.txt",
        "tab\t",
      ],
    ];
    for (const name of names) {
      const put = await fetch(`${files}/images/${encodeURIComponent(name)}`, { method: "PUT", body: name });
      expect([name, put.status]).toEqual([name, 200]);
    }
    // MLflow's clients do not encode a question mark.
    expect((await fetch(`${files}/images/what?%20this`, { method: "PUT", body: "x" })).status).toBe(200);
    const listed = (await get(`artifacts/list?run_id=${id}&path=images`))["files"] as { path: string }[];
    expect(listed.map(({ path }) => path)).toEqual(
      [...names, "what? this"].map((name) => `images/${name}`).sort(),
    );
    for (const name of names) {
      expect(await (await fetch(`${files}/images/${encodeURIComponent(name)}`)).text()).toBe(name);
      const path = encodeURIComponent(`images/${name}`);
      expect(await (await fetch(`${url}/get-artifact?run_id=${id}&path=${path}`)).text()).toBe(name);
    }
    expect(await (await fetch(`${files}/images/what%3F%20this`)).text()).toBe("x");
    expect((await fetch(`${files}/images/what?%20this`, { method: "DELETE" })).status).toBe(200);
    expect(failures).toEqual([]);
  });

  it("a file over a folder, and too long a path, are refused with statuses that nobody repeats", async () => {
    const { url, run, failures } = await server();
    const files = `${url}/api/2.0/mlflow-artifacts/artifacts/0/${await run()}/artifacts`;
    const put = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(`${files}/${path}`, { method: "PUT", body: "x" });
      return [answer.status, ((await answer.json()) as { message?: string }).message ?? ""];
    };
    expect(await put("a/b")).toEqual([200, ""]);
    expect(await put("a")).toEqual([409, expect.stringContaining("a folder of this name is there")]);
    expect(await put("a/b/c")).toEqual([
      409,
      expect.stringContaining("a file has the name of one of its folders"),
    ]);
    expect((await put("x".repeat(2100)))[0]).toBe(400);
    expect(failures).toMatchObject([{ code: "ARTIFACT_PATH_TAKEN" }, { code: "ARTIFACT_PATH_TAKEN" }]);
  });

  it("JSON that nests without end, and steps that no program can count, are the client's mistakes", async () => {
    const { url, run, failures } = await server();
    for (const body of [`${'{"a":'.repeat(160_000)}1${"}".repeat(160_000)}`, "[".repeat(400_000)]) {
      const answer = await fetch(`${url}/api/2.0/mlflow/runs/search`, { method: "POST", body });
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { error_code: "BAD_REQUEST", message: "The body is not JSON: it nests deeper than 1000 levels." },
      ]);
    }
    const point = `{"run_id":"${await run()}","key":"a","value":1,"timestamp":1,"step":9007199254740993}`;
    const answer = await fetch(`${url}/api/2.0/mlflow/runs/log-metric`, { method: "POST", body: point });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { message: expect.stringContaining("a valid long, of at most 9007199254740991") },
    ]);
    expect(failures).toEqual([]);
  });
});
