/** @file The sources of rows that a recipe names: files, folders, patterns and hub data sets. */
import type { DataSection } from "./data-section.ts";

/** A source of rows. */
export interface DataSource {
  readonly part: "train" | "validation" | "test";
  /** The recipe's key, such as `data.train`; items of a list count from 1, as in messages about the recipe. */
  readonly key: string;
  /** As written in the recipe. */
  readonly source: string;
}

/** A data section with other sources, in the order of `dataSources`. */
export function withSources(data: DataSection, sources: readonly string[]): DataSection {
  const rest = [...sources];
  const next = <Source extends string | null>(source: Source): Source | string =>
    source === null ? source : (rest.shift() ?? source);
  const train = next(data.train);
  const mix = data.mix?.map((one) => ({ ...one, file: next(one.file) })) ?? null;
  return { ...data, train, mix, validation: next(data.validation), test: next(data.test) };
}

/** Every source of a data section, those of the training rows first. */
export function dataSources({ train, mix, validation, test }: DataSection): DataSource[] {
  const named = (part: DataSource["part"], source: string | null): DataSource[] =>
    source === null ? [] : [{ part, key: `data.${part}`, source }];
  const mixed = (mix ?? []).map(({ file }, at) => ({
    part: "train" as const,
    key: `data.mix[${at + 1}].file`,
    source: file,
  }));
  return [...named("train", train), ...mixed, ...named("validation", validation), ...named("test", test)];
}
