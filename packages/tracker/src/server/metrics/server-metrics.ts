/**
 * @file The server's metrics for Prometheus. The number of label values is bounded: routes are labelled by their
 * patterns, never by the paths that clients send.
 */

import type { Committed, TrackingContext } from "../../index.ts";
import { readStoreFigures, type StoreFigures } from "../../index.ts";
import type { Watcher } from "../serve-tracking.ts";
import { counter, gaugeText, histogram } from "./text-format.ts";

/** Metrics of this process. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Seconds since 1970. */
  readonly startSeconds: number;
  /** Delay of the event loop since the last reading, in seconds. */
  readonly loopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Collects metrics and reports them. */
export interface ServerMetrics extends Watcher {
  readonly committed: (transaction: Committed) => void;
  /** Returns all metrics in Prometheus's text format. @param context of the store whose runs and spend are reported */
  text(context: Pick<TrackingContext, "database" | "now">): Promise<string>;
}

/** Sources of metrics that are not counted here. */
export interface MetricSources {
  readonly versions: { readonly tunewise: string; readonly node: string };
  readonly readProcess: () => ProcessFigures;
}

/** Bucket bounds in seconds: from a small write to longer than any client waits. */
const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const commitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** How long counts of runs and spend, which the store computes, are cached. */
const figuresMs = 5000;

const methods: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

/** Creates the metrics of a server. */
export function createServerMetrics({ versions, readProcess }: MetricSources): ServerMetrics {
  const route = ["protocol", "method", "route"];
  const requests = counter("tunewise_http_requests_total", "Answered requests.", [...route, "status"]);
  const durations = histogram(
    "tunewise_http_request_duration_seconds",
    "Time from a request's headers to the end of its response.",
    requestBounds,
    route,
  );
  const commits = histogram(
    "tunewise_commit_duration_seconds",
    "Duration of committed transactions, each for one or more requests.",
    commitBounds,
  );
  const works = counter("tunewise_commit_requests_total", "Requests for which transactions were committed.");
  const points = counter("tunewise_points_received_total", "Metric points written, including repeated ones.");
  let open = 0;
  let figures: { readonly figures: Promise<StoreFigures>; readonly untilMs: number } | null = null;
  const storeFigures = (context: Pick<TrackingContext, "database" | "now">): Promise<StoreFigures> => {
    if (figures === null || context.now() >= figures.untilMs) {
      figures = { figures: readStoreFigures(context.database), untilMs: context.now() + figuresMs };
      // a failed reading is not cached
      figures.figures.catch(() => {
        figures = null;
      });
    }
    return figures.figures;
  };
  return {
    answered: ({ protocol, route, method, status, seconds }) => {
      const labels = [protocol, methods.has(method) ? method : "other", route ?? "none"];
      requests.add(1, ...labels, String(status));
      durations.observe(seconds, ...labels);
    },
    committed: (transaction) => {
      commits.observe(transaction.seconds);
      works.add(transaction.works);
      points.add(transaction.points);
    },
    connections: (count) => {
      open = count;
    },
    text: async (context) =>
      [
        ...[requests, durations, commits, works, points].map((family) => family.text()),
        gaugeText("tunewise_http_connections", "Open connections.", [[[], open]]),
        storeText(await storeFigures(context)),
        processText(readProcess(), versions),
      ].join(""),
  };
}

function storeText({ runs, microUsd, traces }: StoreFigures): string {
  const entries = (counts: Readonly<Record<string, number>>): [string[], number][] =>
    Object.entries(counts).map(([label, count]) => [[label], count]);
  const [byStatus, spent] = [
    "Runs by status, without deleted ones.",
    "Cost in the ledger in millionths of a US dollar, by purpose of the runs.",
  ];
  return (
    gaugeText("tunewise_runs", byStatus, entries(runs), ["status"]) +
    gaugeText("tunewise_spent_micro_usd", spent, entries(microUsd), ["purpose"]) +
    gaugeText("tunewise_traces", "Traces of programs that call models.", [[[], traces]])
  );
}

function processText(figures: ProcessFigures, versions: MetricSources["versions"]): string {
  const { p50, p99, max } = figures.loopDelay;
  const cpu = counter("process_cpu_seconds_total", "CPU time of this process.");
  cpu.add(figures.cpuSeconds);
  const one = (name: string, help: string, value: number): string => gaugeText(name, help, [[[], value]]);
  return [
    cpu.text(),
    one("process_resident_memory_bytes", "Resident memory of this process.", figures.residentBytes),
    one(
      "process_start_time_seconds",
      "Start time of this process, in seconds since 1970.",
      figures.startSeconds,
    ),
    gaugeText(
      "tunewise_event_loop_delay_seconds",
      "Delay of the event loop since the last scrape.",
      Object.entries({ p50, p99, max }).map(([at, value]) => [[at], value]),
      ["at"],
    ),
    gaugeText(
      "tunewise_build_info",
      "Versions of tunewise and Node; the value is 1.",
      [[[versions.tunewise, versions.node], 1]],
      ["version", "node"],
    ),
  ].join("");
}
