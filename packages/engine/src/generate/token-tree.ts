/** @file Token sequences as a trie, in which common prefixes share one path. */

/** A trie of token sequences. Node 0 is the root and carries no token; a parent comes before its children. */
export interface TokenTree {
  readonly tokens: readonly number[];
  readonly parents: readonly number[];
  /** Depth of each node; 0 for the root. */
  readonly depths: readonly number[];
  readonly children: readonly (readonly number[])[];
  /** Index of the sequence that ends at each node, -1 for none. Of equal sequences, the first one. */
  readonly sequences: readonly number[];
}

/** Builds the trie of the sequences, which must not be empty. */
export function buildTokenTree(sequences: readonly ArrayLike<number>[]): TokenTree {
  const [tokens, parents, depths, ends] = [[-1], [-1], [0], [-1]];
  const byToken: Map<number, number>[] = [new Map()];
  for (const [sequence, ids] of sequences.entries()) {
    if (ids.length === 0) throw new RangeError("Internal: an empty sequence");
    let node = 0;
    for (let at = 0; at < ids.length; at++) {
      const token = ids[at] as number;
      const below = byToken[node] as Map<number, number>;
      let child = below.get(token);
      if (child === undefined) {
        child = tokens.length;
        below.set(token, child);
        tokens.push(token);
        parents.push(node);
        depths.push(at + 1);
        ends.push(-1);
        byToken.push(new Map());
      }
      node = child;
    }
    if (ends[node] === -1) ends[node] = sequence;
  }
  const children = byToken.map((below) => [...below.values()]);
  return { tokens, parents, depths, children, sequences: ends };
}
