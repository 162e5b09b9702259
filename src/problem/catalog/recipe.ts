/** @file Problems about: recipe. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const recipeProblems = {} as const;
