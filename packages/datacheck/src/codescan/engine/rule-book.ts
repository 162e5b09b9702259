/** @file Indexes the rules of a language so that each event is tested only against rules that may match. */
import type { Answer, Match, Rule } from "../rule.ts";
import type { CallSeen, Seen } from "./seen.ts";
import type { Span } from "./syntax.ts";
import { carries, type Level, throughUnknown, type Value } from "./value.ts";

/** Where a rule matches, and how certain the match is. */
export interface Place extends Span {
  readonly level: Level;
  /** The reported text is built here and may be reported again where it is run. */
  readonly isBuilding?: boolean;
  /** Where the arguments were built. */
  readonly from?: readonly Span[];
}

/** Called for each rule that matches. */
export type Hit = (rule: Rule, place: Place) => void;

interface Entry<M = Match> {
  readonly rule: Rule;
  readonly match: M;
}

type LikeMatch = Extract<Match, { callLike: unknown }>;
type CallMatch = Extract<Match, { call: unknown } | { sink: unknown }> | LikeMatch;

/** The indexed rules. */
export interface RuleBook {
  readonly rules: readonly Rule[];
  /** Whether a rule names this path or one that starts with it. */
  readonly isKnownPath: (path: string) => boolean;
  /** Reports the rules among `active` that match. */
  readonly judge: (seen: Seen, active: ReadonlySet<Rule>, hit: Hit) => void;
}

/** Indexes rules. */
export function ruleBook(rules: readonly Rule[]): RuleBook {
  const exact = new Map<string, Entry<CallMatch>[]>();
  const byEnd = new Map<string, { end: string; entry: Entry<CallMatch> }[]>();
  const byStart: { start: string; entry: Entry<CallMatch> }[] = [];
  const byLikeness: Entry<LikeMatch>[] = [];
  const others: Entry[] = [];
  const known = new Set<string>();
  for (const rule of rules) {
    for (const match of rule.match) {
      if ("callLike" in match) {
        byLikeness.push({ rule, match });
        continue;
      }
      if (!("call" in match || "sink" in match)) {
        others.push({ rule, match });
        continue;
      }
      const entry = { rule, match };
      for (const path of "call" in match ? match.call : match.sink) {
        if (path.endsWith(".*")) byStart.push({ start: path.slice(0, -1), entry });
        else if (path.startsWith(".")) push(byEnd, path.slice(path.lastIndexOf(".")), { end: path, entry });
        else push(exact, path, entry);
        for (const prefix of prefixesOf(path)) known.add(prefix);
      }
    }
  }
  const callsOf = (path: string): Entry<CallMatch>[] => {
    const last = byEnd.get(path.slice(Math.max(0, path.lastIndexOf(".")))) ?? [];
    return [
      ...(exact.get(path) ?? []),
      ...last.filter(({ end }) => path.endsWith(end)).map(({ entry }) => entry),
      ...byStart.filter(({ start }) => path.startsWith(start)).map(({ entry }) => entry),
      ...byLikeness.filter(({ match }) => match.callLike.test(path)),
    ];
  };
  const judge: RuleBook["judge"] = (seen, active, hit) => {
    const entries = seen.kind === "call" ? callsOf(seen.path) : others;
    for (const { rule, match } of entries) {
      if (!active.has(rule)) continue;
      if (seen.kind === "function" && "defines" in match) {
        const place = match.defines(seen);
        if (place !== false) hit(rule, { ...spanOf(place === true ? seen : place), level: 2 });
        continue;
      }
      const level = fits(match, seen);
      if (level !== undefined) hit(rule, { ...spanOf(seen), ...originOf(seen), level });
    }
  };
  return { rules, isKnownPath: (path) => known.has(path), judge };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

/** An assigned value is built at the assignment; an argument was built elsewhere. */
function originOf(seen: Seen): Partial<Place> {
  if (seen.kind === "assign") return { isBuilding: true };
  if (seen.kind !== "call") return {};
  return {
    from: [...seen.args, ...seen.named.values()].flatMap(({ made }) => (made === undefined ? [] : [made])),
  };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}

/** The prefixes `a`, `a.b` and `a.b.c` of `a.b.c`. */
function prefixesOf(path: string): string[] {
  const names = path.split(".");
  return names.map((_, at) => names.slice(0, at + 1).join("."));
}

/** How certain the match is; `undefined` if it does not match. */
function fits(match: Match, seen: Seen): Level | undefined {
  const sure = (answer: Answer): Level | undefined => (answer === true ? 2 : answer || undefined);
  switch (seen.kind) {
    case "call":
      if ("call" in match || "callLike" in match) return sure(match.when?.(seen) ?? true);
      return "sink" in match ? reaches(match, seen) : undefined;
    case "assign":
      return "assign" in match ? sure(match.assign.test(seen.name) && match.when(seen)) : undefined;
    case "operation":
      return "operation" in match
        ? sure(match.operation.includes(seen.operator) && match.when(seen))
        : undefined;
    case "return":
      return "returns" in match ? sure(match.returns(seen)) : undefined;
    case "function":
      return undefined;
    case "import":
      return "imports" in match ? sure(match.imports(seen)) : undefined;
    case "handler":
      return "handles" in match ? sure(match.handles(seen)) : undefined;
    case "pattern":
      return "patterns" in match ? sure(match.patterns(seen)) : undefined;
    case "assert":
      return "asserts" in match ? sure(match.asserts(seen)) : undefined;
  }
}

function reaches(match: Extract<Match, { sink: unknown }>, seen: CallSeen): Level | undefined {
  let worst: Level = 0;
  let isThrough = false;
  for (const place of match.takes) {
    for (const value of at(seen, place)) {
      const level = carries(value, match.danger);
      if (level > worst) worst = level;
      if (level > 0 && value.roots.includes(throughUnknown)) isThrough = true;
    }
  }
  if (worst === 0 || (worst < match.least && !(match.through && isThrough))) return undefined;
  return (match.when?.(seen) ?? true) ? worst : undefined;
}

function at(seen: CallSeen, place: number | string): Value[] {
  if (place === "*") return [...seen.args, ...seen.named.values()];
  if (place === "this") return [seen.receiver];
  const value = typeof place === "number" ? seen.args[place] : seen.named.get(place);
  return value === undefined ? [] : [value];
}
