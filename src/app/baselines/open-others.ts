/**
 * @file The models of arms of `who: local`, each opened once.
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ArmLine } from "../../baselines/index.ts";
import type { Host } from "../../runtime/index.ts";
import { type LlamaModel, openLlamaModel } from "./llama-cpp.ts";

/** Models by their files as arms name them. */
export interface OtherModels {
  readonly models: ReadonlyMap<string, LlamaModel>;
  /** Sizes and times of the files: what was answered by another file does not count. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Opens them; who opens, closes.
 *
 * @param folder of the recipe, from which relative paths start
 * @throws {TunewiseError} what `openLlamaModel` throws
 */
export async function openOthers(
  lines: readonly ArmLine[],
  folder: string,
  threads: number,
  { environment }: Pick<Host, "environment">,
): Promise<OtherModels> {
  const files = new Set(lines.flatMap(({ candidates }) => candidates.flatMap(({ model }) => model ?? [])));
  const models = new Map<string, LlamaModel>();
  const marks: string[] = [];
  const close = async (): Promise<void> => {
    for (const model of models.values()) await model.close();
  };
  try {
    for (const file of files) {
      const path = resolve(folder, file);
      models.set(file, await openLlamaModel(path, { threads, environment }));
      const { size, mtimeMs } = await stat(path);
      marks.push(`${file} ${size} ${mtimeMs}`);
    }
    return { models, name: marks.join("\n"), close };
  } catch (error) {
    await close();
    throw error;
  }
}
