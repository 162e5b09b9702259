/** @file Problems about: model. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const modelProblems = {} as const;
