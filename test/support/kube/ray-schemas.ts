/**
 * @file Schemas of RayJob and RayCluster: KubeRay's own if `TUNEWISE_KUBERAY_CRDS` names the folder of its custom
 * resource definitions. Otherwise a schema of only the fields that tunewise writes.
 *
 * @source KubeRay 1.5, ray.io/v1
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Fields, Resource } from "./resources.ts";
import type { Schema } from "./schema.ts";

const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const number: Schema = { type: "number" };
const integer: Schema = { type: "integer" };
const texts: Schema = { type: "object", additionalProperties: text };
const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const quantity: Schema = {
  "x-kubernetes-int-or-string": true,
  pattern: "^[+-]?(\\d+\\.?\\d*|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$",
};
const quantities: Schema = { type: "object", additionalProperties: quantity };

const fields = (properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema => {
  return { type: "object", properties, ...(required.length > 0 && { required }) };
};
const list = (items: Schema): Schema => ({ type: "array", items });
const withDefault = (schema: Schema, value: unknown): Schema => ({ ...schema, default: value });

const container = fields(
  {
    name: text,
    image: text,
    imagePullPolicy: text,
    workingDir: text,
    command: list(text),
    args: list(text),
    env: list(fields({ name: text, value: text, valueFrom: open }, "name")),
    resources: fields({ requests: quantities, limits: quantities }),
    volumeMounts: list(
      fields({ name: text, mountPath: text, subPath: text, readOnly: flag }, "mountPath", "name"),
    ),
    lifecycle: open,
    securityContext: open,
  },
  "name",
);
const volume = fields(
  {
    name: text,
    persistentVolumeClaim: fields({ claimName: text, readOnly: flag }, "claimName"),
    emptyDir: fields({ medium: text, sizeLimit: quantity }),
  },
  "name",
);
const toleration = fields({
  key: text,
  operator: text,
  value: text,
  effect: text,
  tolerationSeconds: integer,
});
const pod = fields(
  {
    activeDeadlineSeconds: integer,
    terminationGracePeriodSeconds: integer,
    restartPolicy: text,
    nodeSelector: texts,
    tolerations: list(toleration),
    serviceAccountName: text,
    imagePullSecrets: list(fields({ name: withDefault(text, "") })),
    containers: list(container),
    volumes: list(volume),
    automountServiceAccountToken: flag,
    priorityClassName: text,
    securityContext: open,
    affinity: open,
  },
  "containers",
);
const template = fields({
  metadata: fields({
    annotations: texts,
    finalizers: list(text),
    labels: texts,
    name: text,
    namespace: text,
  }),
  spec: pod,
});
const cluster = fields(
  {
    rayVersion: text,
    authOptions: fields({ mode: { ...text, enum: ["disabled", "token"] }, secretName: text }),
    headGroupSpec: fields(
      { rayStartParams: texts, serviceType: text, resources: texts, labels: texts, template },
      "template",
    ),
    workerGroupSpecs: list(
      fields(
        {
          groupName: text,
          rayStartParams: texts,
          resources: texts,
          labels: texts,
          template,
          replicas: withDefault(integer, 0),
          minReplicas: withDefault(integer, 0),
          maxReplicas: withDefault(integer, 2 ** 31 - 1),
          numOfHosts: withDefault(integer, 1),
          priority: withDefault(integer, 0),
          suspend: flag,
        },
        ...["groupName", "maxReplicas", "minReplicas", "template"],
      ),
    ),
    enableInTreeAutoscaling: flag,
    suspend: flag,
  },
  "headGroupSpec",
);
const job = fields({
  submissionMode: withDefault(text, "K8sJobMode"),
  entrypoint: text,
  jobId: text,
  runtimeEnvYAML: text,
  entrypointNumCpus: number,
  entrypointNumGpus: number,
  entrypointResources: text,
  metadata: texts,
  shutdownAfterJobFinishes: flag,
  ttlSecondsAfterFinished: withDefault(integer, 0),
  suspend: flag,
  activeDeadlineSeconds: integer,
  preRunningDeadlineSeconds: { ...integer, minimum: 1 },
  backoffLimit: withDefault(integer, 0),
  clusterSelector: texts,
  rayClusterSpec: cluster,
});

const own: Readonly<Record<string, Schema>> = {
  rayjobs: fields({ spec: job, status: open }),
  rayclusters: fields({ spec: cluster, status: open }),
};

/** The schema of a kind; `null`: there is none. */
export function schemaOfResource({ group, plural }: Resource): Schema | null {
  if (group !== "ray.io") return null;
  const folder = process.env["TUNEWISE_KUBERAY_CRDS"] ?? "";
  return folder === "" ? (own[plural] ?? null) : published(folder, plural);
}

const read = new Map<string, Schema>();

function published(folder: string, plural: string): Schema {
  const path = join(folder, `ray.io_${plural}.yaml`);
  const known = read.get(path);
  if (known !== undefined) return known;
  const { spec }: Fields = parse(readFileSync(path, "utf8"));
  const schema: Schema = spec.versions.find((one: Fields) => one.name === "v1").schema.openAPIV3Schema;
  read.set(path, schema);
  return schema;
}
