/** @file A trie of all tokens' bytes, in which one walk finds all tokens that an expression allows. */
import type { Expression, ExpressionPool } from "./expression.ts";

/** Maximum tokens of a vocabulary, and maximum bytes of a token; a longer token is never allowed. */
const limits = { tokens: 2_000_000, bytes: 256 } as const;

/** A trie of tokens. Node 0 is the root; siblings are linked lists, so that a walk needs no lookups. */
export class TokenVocabulary {
  readonly size: number;
  /** Length of the longest token in bytes. */
  readonly longest: number;
  private readonly texts: readonly (Uint8Array | null)[];
  private readonly bytes: Uint8Array;
  private readonly firstChild: Int32Array;
  private readonly sibling: Int32Array;
  /** First token that ends at a node, and the next one with the same bytes; -1 for none. */
  private readonly firstToken: Int32Array;
  private readonly nextToken: Int32Array;

  /** @param texts bytes by token id; `null` for special tokens and ids without a token */
  constructor(texts: readonly (Uint8Array | null)[]) {
    if (texts.length > limits.tokens) throw new RangeError("Internal: a vocabulary beyond all limits");
    this.size = texts.length;
    this.texts = texts.map((one) => (one && one.length > 0 && one.length <= limits.bytes ? one : null));
    this.longest = this.texts.reduce((most, one) => Math.max(most, one?.length ?? 0), 0);
    const nodes = 1 + this.texts.reduce((sum, one) => sum + (one?.length ?? 0), 0);
    this.bytes = new Uint8Array(nodes);
    this.firstChild = new Int32Array(nodes).fill(-1);
    this.sibling = new Int32Array(nodes).fill(-1);
    this.firstToken = new Int32Array(nodes).fill(-1);
    this.nextToken = new Int32Array(this.size).fill(-1);
    this.build();
  }

  /** The bytes of a token; `null` if it has none. */
  bytesOf(token: number): Uint8Array | null {
    return this.texts[token] ?? null;
  }

  /** The derivative of an expression by a token's bytes; `nothing` if the token is not allowed. */
  after(pool: ExpressionPool, from: Expression, token: number): Expression {
    const text = this.texts[token];
    if (!text) return pool.nothing;
    let state = from;
    for (const byte of text) {
      state = pool.derivative(state, byte);
      if (state === pool.nothing) break;
    }
    return state;
  }

  /** A mask by token id: 1 for each token that an expression allows. */
  allowed(pool: ExpressionPool, from: Expression): Uint8Array {
    const marks = new Uint8Array(this.size);
    const nodes = [0];
    const states = [from];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const state = states.pop() as Expression;
      for (let child = this.firstChild[node] ?? -1; child >= 0; child = this.sibling[child] as number) {
        const next = pool.derivative(state, this.bytes[child] as number);
        if (next === pool.nothing) continue;
        for (let token = this.firstToken[child] as number; token >= 0; ) {
          marks[token] = 1;
          token = this.nextToken[token] as number;
        }
        nodes.push(child);
        states.push(next);
      }
    }
    return marks;
  }

  /** Adds tokens sorted by their bytes, so that each shares a prefix of the path of the one before. */
  private build(): void {
    const order = [...this.texts.keys()].filter((id) => this.texts[id] !== null);
    order.sort((a, b) => Buffer.compare(this.texts[a] as Uint8Array, this.texts[b] as Uint8Array) || b - a);
    const path = [0];
    let before: Uint8Array = new Uint8Array(0);
    let count = 1;
    for (const id of order) {
      const text = this.texts[id] as Uint8Array;
      let depth = 0;
      while (depth < before.length && depth < text.length && before[depth] === text[depth]) depth++;
      path.length = depth + 1;
      for (let at = depth; at < text.length; at++) {
        const parent = path[at] as number;
        const node = count++;
        this.bytes[node] = text[at] as number;
        this.sibling[node] = this.firstChild[parent] as number;
        this.firstChild[parent] = node;
        path.push(node);
      }
      const end = path[text.length] as number;
      this.nextToken[id] = this.firstToken[end] as number;
      this.firstToken[end] = id;
      before = text;
    }
  }
}
