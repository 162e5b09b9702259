/** @file Problems about: engine. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const engineProblems = {} as const;
