/** @file Shortens file names as far as they stay distinct, for display. */
import { basename } from "node:path";
import type { Place } from "../../problem/index.ts";
import type { DataCheck } from "./topics.ts";

/** Shortens file names in a text. */
export type ShortNames = (text: string) => string;

/** The last part of each path, unless two files share it. */
export function shortNamesOf({
  findings,
  observations,
}: Pick<DataCheck, "findings" | "observations">): ShortNames {
  const places = [
    ...findings.flatMap(({ where }) => where),
    ...observations.flatMap(({ evidence }) =>
      evidence.flatMap(({ place, other }): Place[] => (other === undefined ? [place] : [place, other])),
    ),
  ];
  const files = [...new Set(places.map(({ file }) => file))];
  const taken = new Map<string, number>();
  for (const file of files) taken.set(basename(file), (taken.get(basename(file)) ?? 0) + 1);
  const known = files
    .filter((file) => file !== basename(file) && taken.get(basename(file)) === 1)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, file) => shown.replaceAll(file, () => basename(file)), text);
}
