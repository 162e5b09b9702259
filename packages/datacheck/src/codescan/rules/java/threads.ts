/** @file Java rules: forcibly stopped threads, locks in inconsistent order, checks invalidated before use. */
import type { CallSeen, FunctionSeen } from "../../engine/seen.ts";
import type { Rule } from "../../rule.ts";
import { sourceAround } from "../inside.ts";
import { calls } from "../matches.ts";

const maxSource = 20_000;
const maxPairs = 200;

/** Pairs of locks in a method's source where the second is taken while the first is held: `first>second`. */
function lockPairs(source: string): Set<string> {
  const pairs = new Set<string>();
  const held: { name: string; depth: number }[] = [];
  let depth = 0;
  const marks =
    /synchronized\s{0,5}\(\s{0,5}([\w.]{1,60})\s{0,5}\)\s{0,9}\{|\b([\w.]{1,60})\.(lock|unlock)\(\)|[{}]/g;
  for (const [mark, block, name = "", verb] of source.slice(0, maxSource).matchAll(marks)) {
    if (mark === "{") depth += 1;
    else if (mark === "}") {
      depth -= 1;
      while (held.length > 0 && (held.at(-1)?.depth ?? 0) > depth) held.pop();
    } else if (verb === "unlock") {
      const at = held.findIndex((one) => one.name === name);
      if (at >= 0) held.splice(at, 1);
    } else {
      const taken = block ?? name;
      for (const one of held)
        if (one.name !== taken && pairs.size < maxPairs) pairs.add(`${one.name}>${taken}`);
      if (block !== undefined) depth += 1;
      held.push({ name: taken, depth: block === undefined ? 0 : depth });
    }
  }
  return pairs;
}

/** Whether other code of the file takes the same locks in reverse order. */
function isTurned({ made, here }: FunctionSeen): boolean {
  const own = lockPairs(here.text.slice(made.start, made.end));
  if (own.size === 0) return false;
  const others = new Set([
    ...lockPairs(here.text.slice(0, made.start)),
    ...lockPairs(here.text.slice(made.end)),
  ]);
  return [...own].some((pair) => others.has(pair.split(">").reverse().join(">")));
}

/** A connection accepted within an earlier login check, without a check of its own. */
function isLetInBefore({ here, start }: CallSeen): boolean {
  const source = sourceAround(here);
  const at = start - (here.inside?.start ?? 0);
  const before = source.slice(Math.max(0, at - 400), at);
  const behind = source.slice(at, at + 400);
  const asks =
    /\bif\s{0,3}\(\s{0,3}[\w.]{0,60}([aA]uthenticat|[aA]uthori[sz]e|[lL]ogin|checkCredential|isLogged)\w{0,40}\(/;
  const last = before.lastIndexOf("if");
  const opened = before.slice(Math.max(0, last)).replace(/[^{}]/g, "");
  return asks.test(before.slice(Math.max(0, last))) && opened === "{" && !asks.test(behind.slice(0, 160));
}

/** Rules on threads. */
export const javaThreadRules: readonly Rule[] = [
  {
    id: "java/thread-by-force",
    cwe: 676,
    title: "Thread stopped or suspended by force",
    severity: "medium",
    why: "The thread can leave data half modified, or its locks held forever.",
    fix: "Call thread.interrupt(), and check Thread.interrupted() in the thread's loop",
    literals: ["stop(", "suspend(", "resume(", "destroy(", "countStackFrames", "runFinalizersOnExit"],
    match: [
      calls(
        "Thread.stop Thread.suspend Thread.resume Thread.destroy " +
          "Thread.countStackFrames ThreadGroup.stop ThreadGroup.suspend " +
          "ThreadGroup.resume ThreadGroup.destroy System.runFinalizersOnExit Runtime.runFinalizersOnExit " +
          "Thread.currentThread().stop Thread.currentThread().suspend",
      ),
    ],
  },
  {
    id: "java/locks-in-two-orders",
    cwe: 833,
    title: "Inconsistent lock order (deadlock)",
    severity: "medium",
    why: "Two threads can wait for each other forever.",
    fix: "Acquire the locks in the same order everywhere",
    literals: ["synchronized", ".lock()"],
    match: [{ defines: isTurned }],
  },
  {
    id: "java/let-in-before",
    cwe: 421,
    title: "Connection accepted on behalf of a user authenticated elsewhere",
    severity: "medium",
    why: "The first client to connect receives the data of the authenticated user.",
    fix: "Authenticate the user on the accepted connection",
    literals: [".accept("],
    match: [calls("ServerSocket.accept ServerSocketChannel.accept", isLetInBefore)],
  },
];
