/** @file The chat template beside an exported adapter, whose base model has another one. */
import { portableTemplate, type TokenizerFiles } from "../tokenize/index.ts";
import { type ExportPlan, textFile } from "./export-plan.ts";
import type { ExportFormat } from "./formats.ts";
import { tokenizerFiles } from "./model-files.ts";

/** Programs that load an adapter with the tokenizer and chat template of its base. */
const loaders: Readonly<Partial<Record<ExportFormat, string>>> = {
  mlx: "mlx-lm",
  "gguf-adapter": "llama.cpp",
};

/**
 * Adds the chat template to an adapter's files. A PEFT folder also gets the tokenizer, loaded together
 * with the template.
 *
 * @param files of the tokenizer that the adapter was trained with, whose template is not the base model's
 */
export function withTemplateFiles(plan: ExportPlan, format: ExportFormat, files: TokenizerFiles): ExportPlan {
  if (format === "peft") return { ...plan, files: [...plan.files, ...tokenizerFiles(files)] };
  const loader = loaders[format];
  const template = portableTemplate(files);
  if (loader === undefined || template === null) return plan;
  const note = `${loader} uses the base model's chat template unless it is given chat_template.jinja of this folder`;
  return {
    ...plan,
    files: [...plan.files, textFile("chat_template.jinja", template)],
    notes: [...plan.notes, note],
  };
}
