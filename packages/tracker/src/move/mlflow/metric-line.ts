/**
 * @file Reads and writes lines of the files in which MLflow stores metrics.
 *
 * @source mlflow/mlflow mlflow/store/tracking/file_store.py, _get_metric_from_line
 */
import type { Point } from "../../points/point.ts";

/** Maximum length of a line: five fields. */
const maxLineChars = 2000;

/**
 * Parses `time value step`. Newer releases append fields about the dataset; the oldest have no step. `null` for any
 * other text.
 */
export function readMetricLine(line: string): Point | null {
  if (line.length > maxLineChars) return null;
  const [ms, value, step = "0"] = line.trim().split(" ");
  if (!/^-?\d{1,16}$/.test(ms ?? "") || !/^-?\d{1,16}$/.test(step)) return null;
  const number = readPythonNumber(value ?? "");
  return number === null ? null : { ms: Number(ms), value: number, step: Number(step) };
}

/** Parses a number as Python prints it. */
function readPythonNumber(text: string): number | null {
  if (/^[+-]?(nan)$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = text === "" ? Number.NaN : Number(text);
  return Number.isNaN(number) ? null : number;
}

/** A point as a line, with a line break. */
export function metricLine({ ms, value, step }: Point, more: readonly string[] = []): string {
  return `${[ms, pythonNumber(value), step, ...more].join(" ")}\n`;
}

/** Formats a number so that Python can parse it. */
function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return String(value);
  return value < 0 ? "-inf" : "inf";
}
