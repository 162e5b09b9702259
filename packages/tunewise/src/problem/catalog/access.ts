/** @file Problems of users, tokens and roles. Data only. */

export const accessProblems = {
  PASSWORD_INVALID: {
    title: "The password cannot be taken",
    message: "A password has {least} to {most} characters; this one has {found}.",
    fix: "choose a longer password, or --no-password for a user who has tokens alone",
    exitCode: 64,
    docs: "Of a password only a salted scrypt hash is kept. Length is what makes it hard to guess; nothing else is asked of it.",
  },
  PASSWORD_MISSING: {
    title: "No password was given",
    message: "{detail}.",
    fix: "run it in a terminal, or name a variable: --password-env TUNEWISE_PASSWORD; or --no-password for tokens alone",
    exitCode: 4,
    docs: "A password is typed in a terminal or read from an environment variable that `--password-env` names. A command line would show it to every process of the machine, and the shell would keep it.",
  },
  PROJECT_NOT_FOUND: {
    title: "There is no such project",
    message: "The store has no project {project}.",
    fix: "tunewise server role list",
    docs: "A project (MLflow's experiment, W&B's project) is named by its name, or by its number where no project has that name.",
  },
  STORE_ABSENT: {
    title: "There is no store here",
    message: "There is no record of runs in {path}.",
    fix: "name it with --store, or make one: tunewise server user add NAME",
    docs: "Users, tokens and roles lie in the store that the server serves: a folder (default: .tunewise) or a PostgreSQL database.",
  },
} as const;
