/**
 * @file Traces in the format of MLflow's protocol, in its third and second version.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto (TraceInfoV3, TraceInfo), assessments.proto; protobuf's JSON for
 *   times and durations
 */
import type { Assessment, KeyValue, Project, Trace } from "../../../index.ts";
import { type ArtifactPlaces, traceAddress } from "../places.ts";

/** The tag with the location of a trace's spans. */
export const locationTag = "mlflow.artifactLocation";

type Place = Pick<Project, "number" | "artifactRoot">;

/** A trace as `TraceInfoV3`. */
export function traceBody(places: ArtifactPlaces, project: Place, trace: Trace): object {
  return {
    trace_id: trace.id,
    client_request_id: trace.clientRequestId ?? undefined,
    trace_location: {
      type: "MLFLOW_EXPERIMENT",
      mlflow_experiment: { experiment_id: String(trace.project) },
    },
    request_preview: trace.requestPreview ?? undefined,
    response_preview: trace.responsePreview ?? undefined,
    request_time: timeText(trace.requestedMs),
    execution_duration: trace.durationMs === null ? undefined : `${trace.durationMs / 1000}s`,
    state: trace.state,
    trace_metadata: mapOf(trace.metadata),
    tags: mapOf(tagsOf(places, project, trace)),
    assessments: trace.assessments.map((assessment) => assessmentBody(trace.id, assessment)),
  };
}

/** A trace as `TraceInfo` of MLflow 2. */
export function legacyBody(places: ArtifactPlaces, project: Place, trace: Trace): object {
  return {
    request_id: trace.id,
    experiment_id: String(trace.project),
    timestamp_ms: trace.requestedMs,
    execution_time_ms: trace.durationMs ?? undefined,
    status: trace.state === "STATE_UNSPECIFIED" ? "TRACE_STATUS_UNSPECIFIED" : trace.state,
    request_metadata: trace.metadata,
    tags: tagsOf(places, project, trace),
  };
}

/** An assessment as `Assessment`. */
export function assessmentBody(trace: string, assessment: Assessment): object {
  const document = JSON.parse(assessment.document) as { readonly expectation?: { readonly value?: unknown } };
  const value = document.expectation?.value;
  return {
    ...document,
    // MLflow's clients accept lists and objects only as JSON text
    ...(typeof value === "object" && value !== null && { expectation: { serialized_value: jsonOf(value) } }),
    assessment_id: assessment.id,
    trace_id: trace,
    create_time: timeText(assessment.createdMs),
    last_update_time: timeText(assessment.changedMs),
    valid: assessment.isValid,
  };
}

function tagsOf(places: ArtifactPlaces, project: Place, { id, tags }: Trace): KeyValue[] {
  return [...tags, { key: locationTag, value: traceAddress(places, project, id) }];
}

function mapOf(facts: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(facts.map(({ key, value }) => [key, value]));
}

function jsonOf(value: object): object {
  return { serialization_format: "JSON_FORMAT", value: JSON.stringify(value) };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
