/** @file Words that findings have in every view. */

/** How grave it is, in a word that is colored too. */
export function Severity({ word }: { readonly word: "error" | "warning" | "note" }) {
  return <strong class={{ error: "bad", warning: "warn", note: "quiet" }[word]}>{word}</strong>;
}
