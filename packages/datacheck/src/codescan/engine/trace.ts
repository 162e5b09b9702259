/** @file Walks a program twice: first to learn the results of its functions, then to report events. */
import { enter } from "./enter.ts";
import { follow } from "./follow.ts";
import type { Language } from "./language.ts";
import { perform } from "./perform.ts";
import type { Seen } from "./seen.ts";
import type { Statement } from "./syntax.ts";
import type { Known, Sites, Walk } from "./walk.ts";

/** Max statements and expressions to walk, counting each pass through a loop. */
const maxSteps = 2_000_000;
/** Max calls to functions of the file that are followed with their arguments. */
const maxCalls = 400;

/** Reports every event in a program. */
export function trace(
  language: Language,
  program: readonly Statement[],
  text: string,
  isKnownPath: (path: string) => boolean,
  tell: (seen: Seen) => void,
): void {
  const known = new Map<string, Known>();
  const sites = new Map<string, Sites>();
  const imports = new Set<string>();
  const rounds = hasFunctions(program) ? [() => {}, tell] : [tell];
  for (const [round, listener] of rounds.entries()) {
    const walk: Walk = {
      language,
      text,
      tell: listener,
      known,
      sites,
      imports,
      stars: [],
      isKnownPath,
      enter,
      follow,
      isLast: round === rounds.length - 1,
      calls: [],
      budget: { calls: maxCalls },
      variables: new Map(),
      here: { inside: undefined, answers: false, imports, text },
      gives: undefined,
      waiting: [],
      loops: 0,
      looping: new Set(),
      steps: maxSteps,
      owner: "",
      ended: false,
    };
    perform(walk, program);
    for (const made of walk.waiting.splice(0)) walk.enter(walk, made);
  }
}

function hasFunctions(program: readonly Statement[]): boolean {
  return program.some(({ kind }) => kind !== "do" && kind !== "import");
}
