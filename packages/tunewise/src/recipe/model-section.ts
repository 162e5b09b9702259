/** @file The `model` section of a recipe. */

/** Which model to start from. */
export interface ModelSection {
  /** Hub id, local folder or `.gguf` file. The file may also have a plain string: `model: ID`. */
  readonly source: string;
  /** Hub revision; default `main`. */
  readonly revision: string;
  /** Keys of a `config.json`, for planning without the model's files; `null`: the model's own. */
  readonly architecture: Readonly<Record<string, string | number | boolean>> | null;
  /**
   * Chat template in Jinja, in place of the model's; `null`: the model's own. In a file: the text, a path relative to
   * the recipe, or the name of a template of this package. Loading a recipe replaces it by the text.
   */
  readonly chatTemplate: string | null;
  /** Variables of the chat template besides messages and tools, such as `enable_thinking`; `null`: none. */
  readonly chatTemplateKwargs: Readonly<Record<string, unknown>> | null;
}

/** Whether `chat_template` is the template itself, and not its name or file. */
export function isTemplateText(chatTemplate: string): boolean {
  return /\{\{|\{%/.test(chatTemplate);
}

/** The chat template and its variables as text, which identifies them; empty if both are the model's own. */
export function templateKey({ chatTemplate, chatTemplateKwargs }: ModelSection): string {
  if (chatTemplate === null && chatTemplateKwargs === null) return "";
  return JSON.stringify([chatTemplate, chatTemplateKwargs]);
}
