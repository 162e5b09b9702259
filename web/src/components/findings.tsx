/** @file Parts of findings that all views share. */

/** The severity as a colored word. */
export function Severity({ word }: { readonly word: "error" | "warning" | "note" }) {
  return <strong class={{ error: "bad", warning: "warn", note: "quiet" }[word]}>{word}</strong>;
}
