/** @file Problems of users, tokens and roles. Data only. */

export const accessProblems = {
  USER_NOT_FOUND: {
    title: "There is no such user",
    message: "The store has no user {name}.",
    fix: "tunewise server user list",
    docs: "Users are kept in the store that `--store` names, each store its own. Names are taken letter by letter, capitals included.",
  },
  USER_EXISTS: {
    title: "There is a user of that name",
    message: "The store has a user {name} already.",
    fix: "tunewise server user password {name}   or   tunewise server user role {name} admin",
    docs: "A name belongs to one user. Password and role of a user can be changed; a new user needs another name.",
  },
  USER_NAME_INVALID: {
    title: "This is no name for a user",
    message:
      "A user's name has up to 64 letters, digits and . _ @ -, begins with a letter or a digit, and is not `api`; found {name}.",
    fix: "tunewise server user add ada",
    exitCode: 64,
    docs: "Names travel in the headers of requests, where a colon ends them. `api` is what clients of Weights & Biases call everybody who comes with a token.",
  },
  ADMIN_NEEDED: {
    title: "There must be an admin",
    message: "After {doing}, nobody could run the server.",
    fix: "tunewise server user add NAME --role admin",
    docs: "A store with users has at least one with the role admin, from the first one on. The last admin is neither removed nor made a member.",
  },
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
  TOKEN_NOT_FOUND: {
    title: "There is no such token",
    message: "The store has no token that begins with {prefix}.",
    fix: "tunewise server token list",
    docs: "A token is named by its first letters, as `tunewise server token list` shows them. The whole token is shown once, when it is made.",
  },
  GRANT_NOT_FOUND: {
    title: "There is no such role",
    message: "{user} has no role of their own in project {project}.",
    fix: "tunewise server role list",
    docs: "Only a role that was given in a project can be taken back. What members may do without one is the server's default: `tunewise server role default`.",
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
  SERVER_USERS_MISSING: {
    title: "The server has no users",
    message: "Other machines can reach {host}, and the store has no users to ask for.",
    fix: "tunewise server user add NAME, then tunewise serve --host {host}",
    exitCode: 4,
    docs: "Without users everybody who reaches the server may read, write and delete everything. That is fine on a loopback address, which only programs of this machine reach. On any other address the server starts once the store has users; from the first one on it asks everybody for a name with a password or a token.",
  },
} as const;
