/** @file Shortens the names of Java types. */

/** `List<String>` and `java.util.List` are `List`. */
export function simpleType(source: string): string {
  return source
    .slice(0, 400)
    .replace(/<[\s\S]{0,400}$/, "")
    .replace(/(\[\]){1,4}$/, "")
    .replace(/^([a-z][\w]{0,60}\.){1,12}/, "")
    .trim();
}

const buffers = /^(StringBuilder|StringBuffer)$/;

/** Whether an object of this type is a text buffer. */
export function isBufferType(type: string): boolean {
  return buffers.test(simpleType(type));
}
