/** @file Findings about pickles beside a model. */
import { type Observation, observe } from "../observation.ts";
import type { PickleReport } from "./report.ts";

/**
 * `MODEL_PICKLE_UNSAFE` for each file with disallowed imports or damage, `MODEL_PICKLE` for the others. Neither is
 * an error: tunewise never loads them, whatever they contain.
 */
export function tellPickles(reports: readonly PickleReport[]): Observation[] {
  const harmless = reports.filter(
    ({ pickles, unsafe, faults }) => pickles > 0 && unsafe.length + faults.length === 0,
  );
  const evidence = harmless.map(({ file }) => ({
    place: { file },
    reason: "a pickle of weights alone, not read",
  }));
  const [first] = harmless;
  return [
    ...reports.flatMap(tellUnsafe),
    ...(first === undefined ? [] : [observe("MODEL_PICKLE", "note", { first: first.file }, evidence)]),
  ];
}

function tellUnsafe({ file, unsafe, faults }: PickleReport): Observation[] {
  const reasons = [
    ...unsafe.map(({ name, offset, member }) => `imports ${shown(name)} at byte ${offset}${within(member)}`),
    ...faults.map(({ reason, offset, member }) => `${reason}, at byte ${offset}${within(member)}`),
  ];
  const [first] = reasons;
  if (first === undefined) return [];
  const evidence = reasons.map((reason) => ({ place: { file }, reason }));
  return [observe("MODEL_PICKLE_UNSAFE", "warning", { file, first }, evidence)];
}

function within(member: string): string {
  return member === "" ? "" : ` of ${shown(member)}`;
}

/** Names come from the file: shortened, and without terminal control characters. */
function shown(name: string): string {
  return name.slice(0, 120).replace(/[^\x20-\x7e]/g, "?");
}
