/** @file Conflicts of the `model` section. */
import { isReservedVariable } from "@tunewise/core/rows";
import type { RecipeDraft } from "./draft.ts";
import type { Objection } from "./objection.ts";

/** Finds variables of the chat template that have a meaning of their own. */
export function modelConflicts({ model }: RecipeDraft): Objection[] {
  const given = typeof model === "string" ? null : model.chatTemplateKwargs;
  return Object.keys(given ?? {})
    .filter(isReservedVariable)
    .map((name) => ({
      path: ["model", "chat_template_kwargs", name],
      detail: `\`${name}\` is not a variable that can be chosen: each row, or the command, decides about it`,
      fix: "remove the line",
    }));
}
