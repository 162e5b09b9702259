/** @file For tests: a strict parser of Prometheus's text format 0.0.4. */

/** A metric family. */
export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  /** Values by series, as `name{label="value"}`. */
  readonly series: Map<string, number>;
}

const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const sample = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{${label}(?:,${label})*\\})? (\\S+)$`);

/** Parses a text; throws for an invalid line, a repeated family or an inconsistent histogram. */
export function readPrometheus(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, ReadFamily>();
  const helps = new Map<string, string>();
  let current: [name: string, family: ReadFamily] | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, help, about] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    if (help !== undefined && about !== undefined) {
      if (helps.has(help)) throw new Error(`two helps of ${help}`);
      helps.set(help, about);
      continue;
    }
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (families.has(name)) throw new Error(`two types of ${name}`);
      current = [name, { type, help: helps.get(name) ?? "", series: new Map() }];
      families.set(...current);
      continue;
    }
    const [, series, labels = "", value = ""] = sample.exec(line) ?? [];
    if (series === undefined || current === null) throw new Error(`no sample: ${line}`);
    const [family, { type: kind, series: values }] = current;
    const suffixes = kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => series === family + suffix))
      throw new Error(`${series} is not of ${family}`);
    const number = value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value);
    if (Number.isNaN(number) && value !== "NaN") throw new Error(`no value: ${line}`);
    if (values.has(series + labels)) throw new Error(`twice: ${series}${labels}`);
    values.set(series + labels, number);
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function checkHistogram(name: string, { series }: ReadFamily): void {
  const last = new Map<string, number>();
  for (const [key, value] of series) {
    const [, labels] = key.startsWith(`${name}_bucket`)
      ? (/^[^{]*\{(.*?),?le="[^"]*"\}$/.exec(key) ?? [])
      : [];
    if (labels === undefined) continue;
    if (value < (last.get(labels) ?? 0)) throw new Error(`${key} falls`);
    last.set(labels, value);
  }
  for (const [labels, total] of last) {
    const count = series.get(`${name}_count${labels === "" ? "" : `{${labels}}`}`);
    if (count !== total) throw new Error(`${name} of ${labels} counts ${count}, and its buckets ${total}`);
  }
}
