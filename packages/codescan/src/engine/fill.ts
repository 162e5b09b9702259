/**
 * @file Templates with their places filled.
 */
import { blend, hole, type Value } from "./value.ts";

const places = /%\([^()%]{0,80}\)[a-z]|%[-+#0-9.]{0,12}[a-zA-Z]|\{[^{}]{0,80}\}/g;

/** A template's text with its places filled: `%s`, `%(name)d`, `{}`, `{name:>8}`. */
export function filled(template: Value, values: readonly Value[]): Value {
  const shape = (template.shape ?? hole).replace(places, hole);
  return { ...blend([template, ...values]), shape };
}
