/** @file Problems about: how a command was called. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const usageProblems = {
  USAGE_INVALID: {
    title: "The command line is not valid",
    message: "{detail}",
    fix: "tunewise {command} --help",
    exitCode: 64,
    since: "0.1.0",
    docs: "A flag, an argument or a combination of them is not one the command knows. `tunewise help` lists all commands; `tunewise COMMAND --help` lists the flags of one.",
  },
} as const;
