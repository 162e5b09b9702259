/** @file Names of Java's types. */

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

/** Whether text is put together in an object of this type. */
export function isBufferType(type: string): boolean {
  return buffers.test(simpleType(type));
}
