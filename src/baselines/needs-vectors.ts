/** @file Which retrieval methods need vectors, and from which model. */
import type { RetrievalSection } from "../recipe/index.ts";

/** Whether a method compares passages by vectors. */
export function needsVectors(method: RetrievalSection["method"]): boolean {
  return method === "dense" || method === "hybrid";
}

/** Whether vectors come from the recipe's own model. */
export function needsOwnVectors({
  documents,
  method,
  embedding,
}: Pick<RetrievalSection, "documents" | "method" | "embedding">): boolean {
  return documents.length > 0 && embedding === null && needsVectors(method);
}
