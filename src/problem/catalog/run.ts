/** @file Problems about: run. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const runProblems = {} as const;
