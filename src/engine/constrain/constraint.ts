/**
 * @file Answers that match an expression: before each token, those that keep the answer valid.
 *
 * One token is tested by its bytes alone, which costs nothing beside a pass; the marks of all tokens are made where
 * that token does not fit, or one is drawn, and are kept for all states that allow the same.
 */
import { problem } from "../../problem/index.ts";
import { type Expression, type ExpressionPool, TooManyExpressions } from "./expression.ts";
import { jsonExpression } from "./json-schema.ts";
import type { TokenVocabulary } from "./vocabulary.ts";

/** What one answer may still say. */
export interface AnswerConstraint {
  /** Whether the answer is valid as it is, so that it may end. */
  readonly mayEnd: boolean;
  /** Whether it is valid and nothing can follow. */
  readonly isComplete: boolean;
  allows(token: number): boolean;
  /** 1 for each token that may follow, by id. */
  allowed(): Uint8Array;
  /** Goes on after a token that is allowed. */
  add(token: number): void;
}

/** Restricts answers; keeps what it finds out for all of them. */
export interface TokenConstraint {
  /** A new answer. */
  begin(): AnswerConstraint;
}

/** Marks kept, by state: a quarter megabyte each at most. */
const marksMost = 128;

/**
 * Restricts answers to the JSON texts that are valid against a schema, `null` for any object.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, also by an answer; `CONSTRAINT_DEAD_END` by an answer that no token can
 *   continue
 */
export function constrainToJson(schema: unknown, vocabulary: TokenVocabulary): TokenConstraint {
  const first = jsonExpression(schema);
  let machine = new Machine(first.pool, vocabulary);
  return {
    begin: () => {
      let own = machine;
      let state = first.root;
      const inNewRoom = <Result>(action: () => Result): Result => {
        try {
          state = own.pool.within(state, Number.POSITIVE_INFINITY);
          return action();
        } catch (error) {
          if (!(error instanceof TooManyExpressions)) throw error;
          throw problem("SCHEMA_UNSUPPORTED", { place: "#", found: "allows too many alternatives at once" });
        }
      };
      /** Runs an action; when the pool is full, once more in a new one with nothing but this state. */
      const inRoom = <Result>(action: () => Result): Result => {
        try {
          return action();
        } catch (error) {
          if (!(error instanceof TooManyExpressions)) throw error;
          if (own === machine) machine = machine.renewed();
          own = machine;
          return inNewRoom(action);
        }
      };
      state = inRoom(() => own.pool.within(state, Number.POSITIVE_INFINITY));
      const follow = (token: number): Expression => inRoom(() => vocabulary.after(own.pool, state, token));
      return {
        get mayEnd(): boolean {
          return state.isNullable;
        },
        get isComplete(): boolean {
          return state === own.pool.empty;
        },
        allows: (token) => follow(token) !== own.pool.nothing,
        allowed: () => inRoom(() => own.allowed(state)),
        add: (token) => {
          state = follow(token);
        },
      };
    },
  };
}

/** A pool with the marks of its states. */
class Machine {
  readonly pool: ExpressionPool;
  private readonly vocabulary: TokenVocabulary;
  /** The least recently used first. */
  private readonly marks = new Map<Expression, Uint8Array>();

  constructor(pool: ExpressionPool, vocabulary: TokenVocabulary) {
    this.pool = pool;
    this.vocabulary = vocabulary;
  }

  renewed(): Machine {
    return new Machine(this.pool.renewed(), this.vocabulary);
  }

  allowed(state: Expression): Uint8Array {
    const key = this.pool.within(state, this.vocabulary.longest);
    const marks = this.marks.get(key) ?? this.vocabulary.allowed(this.pool, key);
    if (!key.isNullable && !marks.includes(1)) throw problem("CONSTRAINT_DEAD_END");
    this.marks.delete(key);
    this.marks.set(key, marks);
    for (const oldest of this.marks.keys()) {
      if (this.marks.size <= marksMost) break;
      this.marks.delete(oldest);
    }
    return marks;
  }
}
