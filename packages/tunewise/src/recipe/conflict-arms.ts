/** @file Conflicts within and between `comparison`, `retrieval` and `decision`. */
import { countOf } from "@tunewise/core/quantity";
import type { RecipeDraft } from "./draft.ts";
import type { Objection } from "./objection.ts";

/** Finds conflicts, in the order of the list of arms. */
export function armConflicts({ comparison: arms, retrieval, decision }: RecipeDraft): Objection[] {
  const objections = arms.flatMap((arm, at): Objection[] => {
    const path = ["comparison", at];
    const found: Objection[] = [];
    if (arm.model === "api" && arm.endpoint === null) {
      found.push({
        path,
        detail: "An arm of `model: api` does not say whom to ask",
        fix: "add `endpoint: { url: https://api.openai.com/v1, model: NAME, key: OPENAI_API_KEY }`",
      });
    }
    if (arm.model !== "api" && arm.endpoint !== null) {
      found.push({
        path: [...path, "endpoint"],
        detail: `An endpoint belongs to \`model: api\`, and this arm is of \`model: ${arm.model}\``,
        fix: "write `model: api`, or remove `endpoint`",
      });
    }
    if ((arm.model === "local") !== (arm.file !== null)) {
      found.push({
        path: arm.file === null ? path : [...path, "file"],
        detail:
          arm.file === null
            ? "An arm of `model: local` does not name a file"
            : `A file belongs to \`model: local\`, and this arm is of \`model: ${arm.model}\``,
        fix: arm.file === null ? "add `file: FILE.gguf`" : "write `model: local`, or remove `file`",
      });
    }
    if (arm.model !== "tuned" && arm.run !== null) {
      found.push({
        path: [...path, "run"],
        detail: `A run belongs to \`model: tuned\`, and this arm is of \`model: ${arm.model}\``,
        fix: "write `model: tuned`, or remove `run`",
      });
    }
    if (maxOf(arm.passages) > 0 && retrieval.documents.length === 0) {
      found.push({
        path: [...path, "passages"],
        detail: "Passages are asked for, and there are no documents to take them from",
        fix: "add `retrieval: { documents: [FOLDER] }`, or remove `passages`",
      });
    }
    return found;
  });
  return [
    ...objections,
    ...volumeConflict(decision),
    ...overlapConflict(retrieval),
    ...embeddingConflicts(retrieval),
  ];
}

function maxOf(amounts: number | readonly number[]): number {
  return typeof amounts === "number" ? amounts : Math.max(0, ...amounts);
}

function volumeConflict({ answersPerMonth }: RecipeDraft["decision"]): Objection[] {
  if (answersPerMonth === null || typeof answersPerMonth === "number" || answersPerMonth.length === 2)
    return [];
  return [
    {
      path: ["decision", "answers_per_month"],
      detail: `A range has two ends, and ${answersPerMonth.length} numbers are given`,
      fix: "write `answers_per_month: [LOW, HIGH]`",
    },
  ];
}

function overlapConflict({ words, overlap }: RecipeDraft["retrieval"]): Objection[] {
  if (overlap < words) return [];
  return [
    {
      path: ["retrieval", "overlap"],
      detail: `Passages of ${countOf(words, "word")} cannot share ${overlap} with the next one`,
      fix: `write \`overlap: ${Math.floor(words / 6)}\``,
    },
  ];
}

function embeddingConflicts({ embedding, method }: RecipeDraft["retrieval"]): Objection[] {
  if (embedding === null) return [];
  const path = ["retrieval", "embedding"];
  if (method === "lexical" || method === "feedback") {
    const detail = `An embedding model makes vectors, and \`method: ${method}\` uses words only`;
    return [{ path, detail, fix: "remove `method`, or remove `embedding`" }];
  }
  if ((embedding.model === null) === (embedding.endpoint === null)) {
    const detail = `An embedding has ${embedding.model === null ? "neither a model nor an endpoint" : "a model and an endpoint"}`;
    return [{ path, detail, fix: "write `embedding: { model: FOLDER }`, or an `endpoint` in its place" }];
  }
  if (embedding.endpoint?.style === "anthropic") {
    const detail = "Anthropic's API makes no vectors";
    return [
      { path: [...path, "endpoint", "style"], detail, fix: "name an API of `style: openai` or `azure`" },
    ];
  }
  return [];
}
