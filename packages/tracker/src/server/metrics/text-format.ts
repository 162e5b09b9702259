/**
 * @file Counters, gauges and histograms in Prometheus's text format.
 *
 * @source Prometheus, Exposition formats, text-based format 0.0.4
 */
import { countOf } from "@tunewise/core/quantity";

/** Labels of one series, in the order of the family's names. */
export type LabelValues = readonly string[];

/** A family of metrics. */
export interface Family {
  /** Returns its lines, with `# HELP` and `# TYPE`. */
  text(): string;
}

/** A count that only increases. */
export interface Counter extends Family {
  add(amount: number, ...labels: LabelValues): void;
}

/** Durations or other amounts, counted by upper bounds. */
export interface Histogram extends Family {
  observe(amount: number, ...labels: LabelValues): void;
}

/** Content type of the text. */
export const textFormat = "text/plain; version=0.0.4; charset=utf-8";

/** Creates a family of counters; one without labels starts at 0. */
export function counter(name: string, help: string, labels: readonly string[] = []): Counter {
  const values = new Map<string, number>(labels.length > 0 ? [] : [["", 0]]);
  return {
    add: (amount, ...given) => {
      const key = labelText(labels, given);
      values.set(key, (values.get(key) ?? 0) + amount);
    },
    text: () =>
      head(name, help, "counter") + [...values].map(([key, value]) => line(name + key, value)).join(""),
  };
}

/** Text of a family of gauges. */
export function gaugeText(
  name: string,
  help: string,
  values: Iterable<readonly [labels: LabelValues, value: number]>,
  labels: readonly string[] = [],
): string {
  const lines = [...values].map(([given, value]) => line(name + labelText(labels, given), value));
  return head(name, help, "gauge") + lines.join("");
}

/** Creates a family of histograms. @param bounds upper bounds, ascending; infinity is added */
export function histogram(
  name: string,
  help: string,
  bounds: readonly number[],
  labels: readonly string[] = [],
): Histogram {
  const series = new Map<string, { readonly given: LabelValues; readonly counts: number[]; sum: number }>();
  const start = (given: LabelValues) => ({
    given,
    counts: new Array<number>(bounds.length + 1).fill(0),
    sum: 0,
  });
  if (labels.length === 0) series.set("", start([]));
  return {
    observe: (amount, ...given) => {
      const key = labelText(labels, given);
      const one = series.get(key) ?? start(given);
      series.set(key, one);
      const at = bounds.findIndex((bound) => amount <= bound);
      const bucket = at < 0 ? bounds.length : at;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += amount;
    },
    text: () => {
      const names = [...labels, "le"];
      const lines = [...series].flatMap(([key, { given, counts, sum }]) => {
        let total = 0;
        const buckets = counts.map((count, at) => {
          total += count;
          return line(`${name}_bucket${labelText(names, [...given, String(bounds[at] ?? "+Inf")])}`, total);
        });
        return [...buckets, line(`${name}_sum${key}`, sum), line(`${name}_count${key}`, total)];
      });
      return head(name, help, "histogram") + lines.join("");
    },
  };
}

function head(name: string, help: string, type: "counter" | "gauge" | "histogram"): string {
  const escaped = help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

function line(series: string, value: number): string {
  if (Number.isFinite(value)) return `${series} ${value}\n`;
  return `${series} ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}\n`;
}

function labelText(names: readonly string[], values: LabelValues): string {
  if (names.length !== values.length) {
    throw new Error(`Internal: ${countOf(values.length, "label")} for ${names.join(", ")}`);
  }
  if (names.length === 0) return "";
  const escaped = (value: string): string =>
    value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
  return `{${names.map((name, at) => `${name}="${escaped(values[at] ?? "")}"`).join(",")}}`;
}
