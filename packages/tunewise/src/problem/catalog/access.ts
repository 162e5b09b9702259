/** @file Problems of users, tokens and roles. Data only. */

export const accessProblems = {
  PASSWORD_MISSING: {
    title: "No password was given",
    message: "{detail}.",
    fix: "run the command in a terminal, or name a variable: --password-env TUNEWISE_PASSWORD; or --no-password for a user who only has tokens",
    exitCode: 4,
    docs: "tunewise reads a password from the terminal or from the environment variable that `--password-env` names. As an argument, it would be visible to every process of the machine and stay in the shell's history.",
  },
} as const;
