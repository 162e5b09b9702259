/**
 * @file Opens a speaker's model, with a conversation for each of its voices.
 */
import type { LanguageModel } from "../../engine/index.ts";
import type { OpenVariant } from "./answer.ts";
import type { FoundTextModel } from "./find-text-model.ts";

/**
 * The model and its voices; what has been opened is closed again where a voice cannot be.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and what opening a model throws
 */
export async function openVariants({ files, open, voices }: FoundTextModel): Promise<{
  readonly model: LanguageModel;
  readonly voices: readonly OpenVariant[];
}> {
  let model: LanguageModel | null = null;
  try {
    const opened = await open();
    model = opened;
    const ready: OpenVariant[] = [];
    for (const { name, kind, load } of voices) {
      const tuned = load && (await load(opened));
      ready.push({ name, kind, conversation: opened.createConversation(tuned) });
    }
    return { model, voices: ready };
  } catch (error) {
    await model?.close();
    await files.weights.close();
    throw error;
  }
}
