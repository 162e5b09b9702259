/** @file Problems of users, tokens and roles. Data only. */

export const accessProblems = {
  PASSWORD_MISSING: {
    title: "No password was given",
    message: "{detail}.",
    fix: "run it in a terminal, or name a variable: --password-env TUNEWISE_PASSWORD; or --no-password for tokens alone",
    exitCode: 4,
    docs: "A password is typed in a terminal or read from an environment variable that `--password-env` names. A command line would show it to every process of the machine, and the shell would keep it.",
  },
} as const;
