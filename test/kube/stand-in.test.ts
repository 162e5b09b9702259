/**
 * @file The API server's responses to the requests of tunewise. The same tests run on the simulated server and, if
 * available, on Kubernetes' own server.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kube, servers, startKube } from "../support/kube/kube.ts";
import type { Fields } from "../support/kube/resources.ts";

describe.each(servers)("$server", ({ server }) => {
  let kube: Kube;
  let [jobs, pods, secrets] = ["", "", ""];
  let round = 0;
  let name = "";

  beforeAll(async () => {
    kube = await startKube({ server });
    jobs = `/apis/ray.io/v1/namespaces/${kube.namespace}/rayjobs`;
    [pods, secrets] = ["pods", "secrets"].map(
      (plural) => `/api/v1/namespaces/${kube.namespace}/${plural}`,
    ) as [string, string];
  });
  afterAll(() => kube?.stop());
  beforeEach(() => {
    name = `job-${++round}`;
  });

  const jobOf = (more: Fields = {}, meta: Fields = {}): Fields => {
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    const rayClusterSpec = { headGroupSpec: { rayStartParams: {}, template } };
    const spec = { submissionMode: "HTTPMode", entrypoint: "true", rayClusterSpec, ...more };
    return { apiVersion: "ray.io/v1", kind: "RayJob", metadata: { name, ...meta }, spec };
  };
  const podOf = (meta: Fields, spec: Fields = {}): Fields => {
    const containers = [{ name: "c", image: "i" }];
    return { apiVersion: "v1", kind: "Pod", metadata: { name, ...meta }, spec: { containers, ...spec } };
  };
  const create = async (path: string, body: Fields): Promise<Fields> => {
    const answer = await kube.request("POST", path, body);
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  const get = (path: string): Promise<Fields> => kube.request("GET", path);
  const until = async (ask: () => Promise<boolean>): Promise<void> => {
    await expect.poll(ask, { timeout: 60_000, interval: 100 }).toBe(true);
  };

  test("an object that was created has what the server adds, and defaults", async () => {
    const made = await create(jobs, jobOf({}, { labels: { a: "b" }, annotations: { c: "d" } }));
    expect(made).toMatchObject({
      apiVersion: "ray.io/v1",
      kind: "RayJob",
      metadata: {
        name,
        namespace: kube.namespace,
        generation: 1,
        labels: { a: "b" },
        annotations: { c: "d" },
      },
      spec: { backoffLimit: 0, ttlSecondsAfterFinished: 0, submissionMode: "HTTPMode" },
    });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Number(made.metadata.resourceVersion)).toBeGreaterThan(0);
    expect((await get(`${jobs}/${name}`)).body.metadata.uid).toBe(made.metadata.uid);
  });

  test("labels of a pod's template are kept", async () => {
    const made = await create(jobs, jobOf());
    expect(made.spec.rayClusterSpec.headGroupSpec.template.metadata).toEqual({ labels: { a: "b" } });
  });

  test("a name that is taken is refused", async () => {
    await create(jobs, jobOf());
    const { status, body } = await kube.request("POST", jobs, jobOf());
    expect(status).toBe(409);
    expect(body).toMatchObject({
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason: "AlreadyExists",
      code: 409,
      message: `rayjobs.ray.io "${name}" already exists`,
      details: { name, group: "ray.io", kind: "rayjobs" },
    });
  });

  test.each([
    ["rayjobs.ray.io", "/apis/ray.io/v1/namespaces/tests/rayjobs/none"],
    ["rayclusters.ray.io", "/apis/ray.io/v1/namespaces/tests/rayclusters/none"],
    ["pods", "/api/v1/namespaces/tests/pods/none"],
    ["secrets", "/api/v1/namespaces/tests/secrets/none"],
    ["services", "/api/v1/namespaces/tests/services/none"],
    ["nodes", "/api/v1/nodes/none"],
  ])("of %s there is none of a name that was never given", async (resource, path) => {
    for (const method of ["GET", "DELETE"]) {
      const { status, body } = await kube.request(method, path);
      expect(status).toBe(404);
      expect(body).toMatchObject({
        kind: "Status",
        reason: "NotFound",
        message: `${resource} "none" not found`,
      });
    }
  });

  test("a namespace that is not there has no objects and takes none", async () => {
    const path = "/apis/ray.io/v1/namespaces/none/rayjobs";
    expect(await get(path)).toMatchObject({ status: 200, body: { kind: "RayJobList", items: [] } });
    const { status, body } = await kube.request("POST", path, jobOf());
    expect(status).toBe(404);
    expect(body).toMatchObject({ reason: "NotFound", message: 'namespaces "none" not found' });
  });

  test("a kind that the server does not know is no object that is gone", async () => {
    const group = await get("/apis/other.io/v1/namespaces/tests/rayjobs");
    const kind = await get(`/apis/ray.io/v1/namespaces/${kube.namespace}/rayservices`);
    for (const { status, text } of [group, kind]) {
      expect(status).toBe(404);
      expect(text).toBe("404 page not found\n");
    }
    const core = await get(`/api/v1/namespaces/${kube.namespace}/things`);
    expect(core).toMatchObject({
      status: 404,
      body: { message: "the server could not find the requested resource" },
    });
  });

  test("whoever has no account is told so", async () => {
    const { status, body } = await kube.request("GET", jobs, undefined, { authorization: "Bearer wrong" });
    expect(status).toBe(401);
    expect(body).toMatchObject({
      kind: "Status",
      reason: "Unauthorized",
      message: "Unauthorized",
      code: 401,
    });
  });

  describe("fields", () => {
    test("that are unknown are dropped", async () => {
      const made = await create(jobs, jobOf({ entryPoint: "x" }));
      expect(made.spec).not.toHaveProperty("entryPoint");
    });

    test("that are unknown are refused where that is asked for, by servers that know of it", async () => {
      const template = { spec: { containers: [{ name: "c", image: "i", imagee: "j" }] } };
      const rayClusterSpec = { headGroupSpec: { template } };
      const path = `${jobs}?fieldValidation=Strict`;
      const { status, body } = await kube.request("POST", path, jobOf({ rayClusterSpec, entryPoint: "x" }));
      if (kube.minor < 25) {
        expect(status).toBe(201);
        return;
      }
      expect(status).toBe(400);
      expect(body.reason).toBe("BadRequest");
      expect(body.message).toContain("strict decoding error: unknown field ");
      expect(body.message).toContain('unknown field "spec.entryPoint"');
      expect(body.message).toContain(
        '"spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].imagee"',
      );
    });

    test.each([
      [
        "backoffLimit",
        "two",
        'Invalid value: "string": spec.backoffLimit in body must be of type integer: "string"',
      ],
      [
        "backoffLimit",
        1.5,
        'Invalid value: "number": spec.backoffLimit in body must be of type integer: "number"',
      ],
      [
        "entrypoint",
        7,
        'Invalid value: "integer": spec.entrypoint in body must be of type string: "integer"',
      ],
      [
        "shutdownAfterJobFinishes",
        "yes",
        'Invalid value: "string": spec.shutdownAfterJobFinishes in body must be of type boolean: "string"',
      ],
      [
        "preRunningDeadlineSeconds",
        0,
        "Invalid value: 0: spec.preRunningDeadlineSeconds in body should be greater than or equal to 1",
      ],
      ["rayClusterSpec", {}, "Required value"],
      [
        "rayClusterSpec",
        { headGroupSpec: { template: {} }, authOptions: { mode: "maybe" } },
        'Unsupported value: "maybe": supported values: "disabled", "token"',
      ],
      ["rayClusterSpec", { headGroupSpec: { template: { spec: {} } } }, "Required value"],
    ])("of a wrong value are refused: %s %j", async (field, value, message) => {
      const { status, body } = await kube.request("POST", jobs, jobOf({ [field]: value }));
      expect(status, JSON.stringify(body)).toBe(422);
      expect(body).toMatchObject({
        kind: "Status",
        reason: "Invalid",
        code: 422,
        details: { name, kind: "RayJob" },
      });
      expect(body.message).toContain(`RayJob.ray.io "${name}" is invalid: spec.${field}`);
      expect(body.message).toContain(message);
    });

    test("of a quantity are numbers or texts of a form", async () => {
      const specOf = (memory: unknown): Fields => {
        const template = {
          spec: { containers: [{ name: "c", image: "i", resources: { limits: { memory } } }] },
        };
        return { rayClusterSpec: { headGroupSpec: { template } } };
      };
      const { status, body } = await kube.request("POST", jobs, jobOf(specOf("12 GB")));
      expect(status).toBe(422);
      expect(body.message).toMatch(/containers(\[0\])?\.resources\.limits\.memory/);
      await create(jobs, jobOf(specOf("12Gi")));
    });

    test("of a name have its form", async () => {
      const { status, body } = await kube.request("POST", jobs, jobOf({}, { name: "A_b" }));
      expect(status).toBe(422);
      expect(body.message).toContain('RayJob.ray.io "A_b" is invalid: metadata.name: Invalid value: "A_b"');
    });
  });

  describe("changes", () => {
    test("of an object of another version are refused", async () => {
      const made = await create(jobs, jobOf());
      const first = await kube.request("PUT", `${jobs}/${name}`, {
        ...made,
        spec: { ...made.spec, suspend: true },
      });
      expect(first.status).toBe(200);
      expect(first.body.metadata.generation).toBe(2);
      const { status, body } = await kube.request("PUT", `${jobs}/${name}`, made);
      expect(status).toBe(409);
      expect(body.reason).toBe("Conflict");
      expect(body.message).toBe(
        `Operation cannot be fulfilled on rayjobs.ray.io "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    });

    test("without a version are refused", async () => {
      const made = await create(jobs, jobOf());
      const metadata = { ...made.metadata, resourceVersion: undefined };
      const { status, body } = await kube.request("PUT", `${jobs}/${name}`, { ...made, metadata });
      expect(status).toBe(422);
      expect(body.message).toContain(
        "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update",
      );
    });

    test("of the status are requests of their own", async () => {
      const made = await create(jobs, { ...jobOf(), status: { jobStatus: "RUNNING" } });
      expect(made.status?.jobStatus).toBeUndefined();
      const status = { jobStatus: "RUNNING", jobDeploymentStatus: "Running" };
      const written = await kube.request("PUT", `${jobs}/${name}/status`, {
        ...made,
        status,
        spec: { suspend: true },
      });
      expect(written.body).toMatchObject({ status, metadata: { generation: 1 } });
      expect(written.body.spec.suspend).toBeUndefined();
      const kept = await kube.request("PUT", `${jobs}/${name}`, {
        ...written.body,
        status: { jobStatus: "FAILED" },
      });
      expect(kept.body.status).toMatchObject(status);
    });

    test("that change nothing leave the version as it is", async () => {
      const made = await create(jobs, jobOf());
      const same = await kube.request("PUT", `${jobs}/${name}`, made);
      expect(same.body.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });
  });

  describe("lists", () => {
    const namesOf = async (query: string): Promise<string[]> => {
      const { status, body, text } = await get(`${jobs}?${query}`);
      expect(status, text).toBe(200);
      return body.items.map((one: Fields) => one.metadata.name);
    };

    test("are chosen by labels", async () => {
      for (const [end, labels] of Object.entries({
        a: { app: name, size: "1" },
        b: { app: name, size: "2" },
        c: { app: name },
      }))
        await create(jobs, jobOf({}, { name: `${name}-${end}`, labels }));
      const all = ["a", "b", "c"].map((end) => `${name}-${end}`);
      const ask = (selector: string): Promise<string[]> =>
        namesOf(`labelSelector=${encodeURIComponent(`app=${name}${selector}`)}`);
      expect(await ask("")).toEqual(all);
      expect(await ask(",size=1")).toEqual(all.slice(0, 1));
      expect(await ask(",size!=1")).toEqual(all.slice(1));
      expect(await ask(",size in (1,2)")).toEqual(all.slice(0, 2));
      expect(await ask(",size notin (1)")).toEqual(all.slice(1));
      expect(await ask(",size")).toEqual(all.slice(0, 2));
      expect(await ask(",!size")).toEqual(all.slice(2));
      expect((await get(`${jobs}?labelSelector=${encodeURIComponent("a b")}`)).status).toBe(400);
    });

    test("come in pages", async () => {
      for (const end of ["a", "b", "c"])
        await create(jobs, jobOf({}, { name: `${name}-${end}`, labels: { page: name } }));
      const query = `labelSelector=page%3D${name}&limit=2`;
      const first = (await get(`${jobs}?${query}`)).body;
      expect(first.items).toHaveLength(2);
      const rest = (await get(`${jobs}?${query}&continue=${encodeURIComponent(first.metadata.continue)}`))
        .body;
      expect(rest.items.map((one: Fields) => one.metadata.name)).toEqual([`${name}-c`]);
      expect(rest.metadata.continue ?? "").toBe("");
    });

    test("say what they are", async () => {
      expect((await get(pods)).body).toMatchObject({ kind: "PodList", apiVersion: "v1" });
      expect((await get(jobs)).body).toMatchObject({ kind: "RayJobList", apiVersion: "ray.io/v1" });
      expect((await get("/api/v1/nodes")).body).toMatchObject({ kind: "NodeList", apiVersion: "v1" });
    });
  });

  test("secrets are kept as base64", async () => {
    await create(secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      stringData: { auth_token: "abc" },
    });
    const { body } = await get(`${secrets}/${name}`);
    expect(body.data).toEqual({ auth_token: Buffer.from("abc").toString("base64") });
    expect(body.stringData).toBeUndefined();
  });

  test("a quota that is used up refuses what is one too many", async () => {
    const hard = { "count/rayjobs.ray.io": "0" };
    const path = `/api/v1/namespaces/${kube.namespace}/resourcequotas`;
    const quota = await create(path, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "few" },
      spec: { hard },
    });
    const used = { "count/rayjobs.ray.io": "0" };
    await kube.request("PUT", `${path}/few/status`, { ...quota, status: { hard, used } });
    const message = expect.stringMatching(
      /^rayjobs\.ray\.io "[^"]*" is forbidden: exceeded quota: few, requested: \S+=1, used: \S+=\d+, limited: \S+=0$/,
    );
    try {
      await expect
        .poll(async () => (await kube.request("POST", jobs, jobOf())).body, { timeout: 20_000 })
        .toMatchObject({ reason: "Forbidden", code: 403, message });
    } finally {
      await kube.request("DELETE", `${path}/few`);
    }
    await until(
      async () => (await kube.request("POST", jobs, jobOf({}, { name: `${name}-after` }))).status === 201,
    );
  });

  describe("deletion", () => {
    const owned = ({ apiVersion, kind, metadata }: Fields): Fields => ({
      ownerReferences: [
        {
          apiVersion,
          kind,
          name: metadata.name,
          uid: metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    const foreground = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };

    test("of an object that nothing keeps is at once", async () => {
      const made = await create(jobs, jobOf());
      const { status, body } = await kube.request("DELETE", `${jobs}/${name}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        kind: "Status",
        status: "Success",
        details: { name, uid: made.metadata.uid },
      });
      expect((await get(`${jobs}/${name}`)).status).toBe(404);
      expect((await kube.request("DELETE", `${jobs}/${name}`)).status).toBe(404);
    });

    test("waits for finalizers, of which no new ones come", async () => {
      await create(jobs, jobOf({}, { finalizers: ["tests.io/keep"] }));
      const { status, body } = await kube.request("DELETE", `${jobs}/${name}`);
      expect(status).toBe(200);
      expect(body.metadata.deletionTimestamp).toMatch(/Z$/);
      const kept = (await get(`${jobs}/${name}`)).body;
      expect(kept.metadata.finalizers).toEqual(["tests.io/keep"]);
      const finalizersOf = (finalizers: string[]): Fields => ({
        ...kept,
        metadata: { ...kept.metadata, finalizers },
      });
      const more = await kube.request(
        "PUT",
        `${jobs}/${name}`,
        finalizersOf(["tests.io/keep", "tests.io/more"]),
      );
      expect(more.status).toBe(422);
      expect(more.body.message).toContain("no new finalizers can be added if the object is being deleted");
      expect((await kube.request("PUT", `${jobs}/${name}`, finalizersOf([]))).status).toBe(200);
      expect((await get(`${jobs}/${name}`)).status).toBe(404);
    });

    test("in the foreground waits for what the object owns", async () => {
      const job = await create(jobs, jobOf());
      const clusters = `/apis/ray.io/v1/namespaces/${kube.namespace}/rayclusters`;
      const cluster = await create(clusters, {
        apiVersion: "ray.io/v1",
        kind: "RayCluster",
        metadata: { name, ...owned(job) },
        spec: jobOf().spec.rayClusterSpec,
      });
      await create(pods, podOf({ ...owned(cluster), finalizers: ["tests.io/keep"] }));
      const { status, body } = await kube.request("DELETE", `${jobs}/${name}`, foreground);
      expect(status).toBe(200);
      expect(body.metadata).toMatchObject({ finalizers: ["foregroundDeletion"] });
      await until(async () => (await get(`${pods}/${name}`)).body.metadata.deletionTimestamp !== undefined);
      for (const path of [`${jobs}/${name}`, `${clusters}/${name}`])
        expect((await get(path)).body.metadata).toMatchObject({ finalizers: ["foregroundDeletion"] });
      const pod = (await get(`${pods}/${name}`)).body;
      await kube.request("PUT", `${pods}/${name}`, { ...pod, metadata: { ...pod.metadata, finalizers: [] } });
      for (const path of [`${pods}/${name}`, `${clusters}/${name}`, `${jobs}/${name}`])
        await until(async () => (await get(path)).status === 404);
    });

    test("in the background takes along what the object owns", async () => {
      const job = await create(jobs, jobOf());
      await create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name, ...owned(job) } });
      await kube.request("DELETE", `${jobs}/${name}`, { propagationPolicy: "Background" });
      expect((await get(`${jobs}/${name}`)).status).toBe(404);
      await until(async () => (await get(`${secrets}/${name}`)).status === 404);
    });

    test("takes along what names an owner that was never there", async () => {
      const job = await create(jobs, jobOf());
      await kube.request("DELETE", `${jobs}/${name}`);
      await create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name, ...owned(job) } });
      await until(async () => (await get(`${secrets}/${name}`)).status === 404);
    });

    test("of another object of that name is refused", async () => {
      await create(jobs, jobOf());
      const preconditions = { uid: "0b0b0b0b-0000-4000-8000-000000000000" };
      const { status, body } = await kube.request("DELETE", `${jobs}/${name}`, { preconditions });
      expect(status).toBe(409);
      expect(body.message).toContain("the UID in the precondition");
    });

    test("of a pod on a node waits for the node", async () => {
      await create(pods, podOf({}, { terminationGracePeriodSeconds: 60 }));
      const target = { apiVersion: "v1", kind: "Node", name: "far" };
      const binding = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
      expect((await kube.request("POST", `${pods}/${name}/binding`, binding)).status).toBe(201);
      const { body } = await kube.request("DELETE", `${pods}/${name}`);
      expect(body).toMatchObject({ kind: "Pod", metadata: { deletionGracePeriodSeconds: 60 } });
      expect((await get(`${pods}/${name}`)).body.status.phase).toBe("Pending");
      await kube.request("DELETE", `${pods}/${name}`, { gracePeriodSeconds: 0 });
      expect((await get(`${pods}/${name}`)).status).toBe(404);
    });

    test("of a pod that no node has is at once", async () => {
      await create(pods, podOf({}));
      const { status, body } = await kube.request("DELETE", `${pods}/${name}`);
      expect(status).toBe(200);
      expect(body.kind).toBe("Pod");
      expect((await get(`${pods}/${name}`)).status).toBe(404);
    });
  });
});
