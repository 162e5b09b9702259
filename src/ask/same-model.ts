/**
 * @file Whether the model that answered is the one that was asked.
 */

/** What a version adds to a name: a date, a tag, a place of a gateway's. */
const version = /^(?:[-@]\d{4}-?\d{2}-?\d{2}|[-@]\d{3,4}|-latest|:latest)$/;

/**
 * A name with a vendor before it, other capitals, a date behind it or `:latest` is the same model; a smaller one of the
 * family (`-mini`) is not.
 */
export function isOtherModel(asked: string, answered: string): boolean {
  const [a, b] = [bare(asked), bare(answered)];
  if (a === b) return false;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return !(long.startsWith(short) && version.test(long.slice(short.length)));
}

/** The name of a local model may be the path of its file. */
function bare(name: string): string {
  return (name.split(/[\\/]/).at(-1) ?? "").toLowerCase().replace(/\.gguf$/, "");
}
