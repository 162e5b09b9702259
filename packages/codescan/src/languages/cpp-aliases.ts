/** @file Macros that stand for another name: `#define OPEN fopen`. */
import type { Tree } from "../engine/tree.ts";

const alias =
  /^[ \t]{0,20}#[ \t]{0,20}define[ \t]{1,20}(\w{1,80})[ \t]{1,40}([A-Za-z_]\w{0,79})[ \t\r]{0,40}$/gm;
const known = new WeakMap<Tree, ReadonlyMap<string, string>>();

/** What a name stands for where a macro of the file gives it another; of several definitions the last. */
export function aliased(tree: Tree, name: string): string {
  let found = known.get(tree);
  if (found === undefined) {
    found = new Map([...tree.text.matchAll(alias)].map(([, from = "", to = ""]) => [from, to]));
    known.set(tree, found);
  }
  let called = name;
  for (let depth = 0; found.size > 0 && depth < 3; depth++) called = found.get(called) ?? called;
  return called;
}
