/**
 * @file Counts and durations, as text that Prometheus reads.
 *
 * @source Prometheus, Exposition formats, text-based format 0.0.4
 */
import { countOf } from "../../../quantity/index.ts";

/** Labels of one series, in the order of the family's names. */
export type LabelValues = readonly string[];

/** A family that shows itself. */
export interface Family {
  /** Its lines, with `# HELP` and `# TYPE`. */
  text(): string;
}

/** What a family is called and what it counts. */
export interface About {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A count that only grows. */
export interface Counter extends Family {
  add(amount: number, ...labels: LabelValues): void;
}

/** Durations, or other amounts, by how many lie below each bound. */
export interface Histogram extends Family {
  observe(amount: number, ...labels: LabelValues): void;
}

/** Content type of the text. */
export const textFormat = "text/plain; version=0.0.4; charset=utf-8";

/** A family of counts; one without labels is there from the start, at 0. */
export function counter(about: About): Counter {
  const values = new Map<string, number>(about.labels ? [] : [["", 0]]);
  return {
    add: (amount, ...labels) => {
      const key = labelText(about.labels, labels);
      values.set(key, (values.get(key) ?? 0) + amount);
    },
    text: () =>
      familyText(
        about,
        "counter",
        [...values].map(([key, value]) => [about.name + key, value]),
      ),
  };
}

/** A family of values as they are now. */
export function gaugeText(
  about: About,
  values: Iterable<readonly [labels: LabelValues, value: number]>,
): string {
  const lines = [...values].map(
    ([labels, value]) => [about.name + labelText(about.labels, labels), value] as const,
  );
  return familyText(about, "gauge", lines);
}

/** A family of histograms. @param bounds upper bounds, growing; one without end is added */
export function histogram(about: About, bounds: readonly number[]): Histogram {
  const series = new Map<string, { readonly labels: LabelValues; readonly counts: number[]; sum: number }>();
  const start = (labels: LabelValues) => ({
    labels,
    counts: new Array<number>(bounds.length + 1).fill(0),
    sum: 0,
  });
  if (!about.labels) series.set("", start([]));
  return {
    observe: (amount, ...labels) => {
      const key = labelText(about.labels, labels);
      const one = series.get(key) ?? start(labels);
      series.set(key, one);
      const at = bounds.findIndex((bound) => amount <= bound);
      const bucket = at < 0 ? bounds.length : at;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += amount;
    },
    text: () => {
      const names = [...(about.labels ?? []), "le"];
      const lines = [...series].flatMap(([key, { labels, counts, sum }]) => {
        let total = 0;
        const buckets = counts.map((count, at): [string, number] => {
          total += count;
          return [
            `${about.name}_bucket${labelText(names, [...labels, String(bounds[at] ?? "+Inf")])}`,
            total,
          ];
        });
        return [...buckets, [`${about.name}_sum${key}`, sum], [`${about.name}_count${key}`, total]] as [
          string,
          number,
        ][];
      });
      return familyText(about, "histogram", lines);
    },
  };
}

function familyText(
  { name, help }: About,
  type: "counter" | "gauge" | "histogram",
  lines: readonly (readonly [series: string, value: number])[],
): string {
  const head = `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n# TYPE ${name} ${type}\n`;
  return head + lines.map(([series, value]) => `${series} ${numberText(value)}\n`).join("");
}

function labelText(names: readonly string[] = [], values: LabelValues): string {
  if (names.length !== values.length)
    throw new Error(`Internal: ${countOf(values.length, "label")} for ${names.join(", ")}`);
  if (names.length === 0) return "";
  const escaped = (value: string): string =>
    value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
  return `{${names.map((name, at) => `${name}="${escaped(values[at] ?? "")}"`).join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
