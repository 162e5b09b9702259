/** @file Settings and results of runs as axes. Numbers keep their values; texts are ordered alphabetically. */
import type { Details } from "../../data/details.ts";
import { numberText } from "../../format.ts";

/** An axis, and the position of each run on it. */
export interface RunAxis {
  readonly name: string;
  /** Whether it is a result and not a setting. */
  readonly isResult: boolean;
  /** 0 to 1, by run; `null`: the run has no value. */
  readonly places: readonly (number | null)[];
  readonly texts: readonly string[];
  readonly lowest: string;
  readonly highest: string;
}

/** Axes for the values in which runs differ: settings first, then results. */
export function axesOf(runs: readonly Details[]): RunAxis[] {
  const settings = new Set(runs.flatMap(({ params }) => params.items.map(({ key }) => key)));
  const metrics = new Set(runs.flatMap(({ metrics: list }) => list.items.map(({ key }) => key)));
  const values = [
    ...[...settings].map((name) => ({
      name,
      isResult: false,
      texts: runs.map(({ params }) => params.items.find(({ key }) => key === name)?.text ?? ""),
    })),
    ...[...metrics].map((name) => ({
      name,
      isResult: true,
      texts: runs.map(({ metrics: list }) => String(list.items.find(({ key }) => key === name)?.last ?? "")),
    })),
    {
      name: "spent",
      isResult: true,
      texts: runs.map(({ spent_micro_usd: spent }) => String(spent / 1e6)),
    },
  ];
  return values.filter(({ texts }) => new Set(texts.filter((text) => text !== "")).size > 1).map(axisOf);
}

function axisOf({ texts, ...about }: Pick<RunAxis, "name" | "isResult" | "texts">): RunAxis {
  const said = texts.filter((text) => text !== "");
  const isNumeric = said.every((text) => Number.isFinite(Number(text)));
  const words = [...new Set(said)].sort((a, b) => (isNumeric ? Number(a) - Number(b) : a.localeCompare(b)));
  const [lowest = "", highest = ""] = [words[0], words.at(-1)];
  const place = (text: string): number => (isNumeric ? Number(text) : words.indexOf(text));
  const [low, high] = [place(lowest), place(highest)];
  const places = texts.map((text) =>
    text === "" ? null : high === low ? 0.5 : (place(text) - low) / (high - low),
  );
  const shown = (text: string): string => (isNumeric && text !== "" ? numberText(Number(text)) : text);
  return { ...about, texts: texts.map(shown), places, lowest: shown(lowest), highest: shown(highest) };
}
