/** @file Passwords on command lines: values of command-specific options, as a table of commands. */
import type { Span } from "./rule.ts";
import { judgeValue } from "./strength.ts";

/** A command and its password options. */
interface Command {
  /** Names in lower case, each with the following space. */
  readonly names: string;
  /** Options whose value is the next word. */
  readonly next?: string;
  /** Options whose value follows without a space. */
  readonly joined?: string;
  /** Options whose value, joined or next, is a user and a password separated by this character. */
  readonly pair?: { readonly options: string; readonly mark: string };
  /** Position of the password among the words that are not options, counted from the end. */
  readonly fromEnd?: number;
}

/**
 * Commands with password options whose names do not say so. Options such as `--password` are read in any command.
 *
 * @source the manual pages of each command
 */
const commands: readonly Command[] = [
  { names: "sshpass", next: "-p", joined: "-p" },
  {
    names:
      "mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlbinlog|mysqlsh|mysqlpump|mycli|mariadb|mariadb-dump|xtrabackup|innobackupex|mytop",
    joined: "-p",
  },
  { names: "mysqladmin -u root password", fromEnd: 1 },
  {
    names:
      "docker login|podman login|buildah login|skopeo login|nerdctl login|crane auth login|oras login|helm registry login|regctl registry login|docker-compose login|oc login|cf login|fly -t main login|argocd login|bx login|ibmcloud login|az login|az acr login|pscale login|twine upload|twine register|jf config add|nexus login",
    next: "-p",
  },
  { names: "redis-cli|keydb-cli|valkey-cli", next: "-a|--pass", joined: "-a" },
  {
    names:
      "mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport|mongostat|mongotop|cqlsh|nodetool|beeline|kcadm.sh config credentials|vertica|vsql|iquery|crackmapexec|netexec|evil-winrm|psexec|docker-machine create|ftpput|ftpget|rabbitmqadmin|ssh-copy-pass|plink|pscp|winscp",
    next: "-p|-pw",
  },
  {
    names: "vsql|ldapsearch|ldapadd|ldapmodify|ldapdelete|ldappasswd|ldapwhoami|ldapcompare|dsconf",
    next: "-w",
  },
  {
    names: "mosquitto_pub|mosquitto_sub|mosquitto_rr|sqlcmd|bcp|tsql|isql|osql|ipmitool|unzip|zip|ftp-upload",
    next: "-P",
    joined: "-P",
  },
  { names: "7z|7za|7zz|7zr|rar|unrar", joined: "-p" },
  { names: "xfreerdp|wfreerdp|xfreerdp3|sdl-freerdp", joined: "/p:" },
  { names: "cmdkey", joined: "/pass:" },
  { names: "rdesktop", next: "-p" },
  {
    names: "smbclient|smbmap|rpcclient|smbget|winexe|wmic|net rpc|net ads|pth-winexe",
    pair: { options: "-U|--user", mark: "%" },
  },
  {
    names: "curl|httpie|http|https|xh|ab|wrk|siege|hurl|curlie",
    pair: { options: "-u|--user|-a|--auth|-U|--proxy-user", mark: ":" },
  },
  { names: "lftp|ncftp", pair: { options: "-u", mark: "," } },
  { names: "snmpwalk|snmpget|snmpset|snmpbulkwalk", next: "-A|-X" },
  { names: "openssl enc|openssl aes-256-cbc|openssl des3", next: "-k" },
  { names: "ssh-keygen", next: "-N|-P" },
  { names: "htpasswd -b|htpasswd -cb|htpasswd -bc|htpasswd -bb|htpasswd -bbc|wpa_passphrase", fromEnd: 1 },
  { names: "net user", fromEnd: 1 },
  { names: "vault login", fromEnd: 1 },
];

/** The words that identify a command on a line, with its row of the table. */
const byWord: ReadonlyMap<string, readonly Command[]> = new Map(
  [...new Set(commands.flatMap(({ names }) => names.split("|")))].map((name) => [
    `${name} `,
    commands.filter(({ names }) => names.split("|").includes(name)),
  ]),
);

/** Words by which command lines are found. */
export const commandWords: readonly string[] = [...byWord.keys()];

/** Max length read of a command line. */
const longestLine = 300;
const maxWords = 24;

/** A word of a command line without its quotes. */
interface Word extends Span {
  readonly value: string;
}

/** The password on a command line. */
export function readCommand(text: string, { start, end }: Span): Span | null {
  if (/[\w.-]/.test(text[start - 1] ?? " ")) return null;
  const words = wordsOf(text, end);
  for (const command of byWord.get(text.slice(start, end).toLowerCase()) ?? []) {
    const found = passwordOf(command, words);
    if (found !== null && judgeValue(found.value, "password", false) === "secret") return found;
  }
  return null;
}

function passwordOf(command: Command, words: readonly Word[]): Word | null {
  const options = (list: string | undefined): string[] => list?.split("|") ?? [];
  if (command.fromEnd !== undefined) {
    const plain = words.filter(({ value }) => !/^[-/]/.test(value));
    return plain.at(-command.fromEnd) ?? null;
  }
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (next !== undefined && options(command.next).includes(word.value)) return next;
    for (const option of options(command.joined)) {
      if (word.value.startsWith(option) && word.value.length > option.length) return cut(word, option.length);
    }
    const { options: pairs, mark } = command.pair ?? { options: "", mark: "" };
    for (const option of options(pairs)) {
      const of =
        word.value === option
          ? next
          : word.value.startsWith(`${option}=`)
            ? cut(word, option.length + 1)
            : word.value.startsWith(option) && option.length === 2
              ? cut(word, 2)
              : undefined;
      const at = of?.value.indexOf(mark) ?? -1;
      if (of !== undefined && at > 0) return cut(of, at + 1);
    }
  }
  return null;
}

/** A word without its first characters. */
function cut(word: Word, length: number): Word {
  const value = word.value.slice(length);
  const quoted = /^(["']).*\1$/.test(value) ? 1 : 0;
  return {
    start: word.start + length + quoted,
    end: word.end - quoted,
    value: value.slice(quoted, value.length - quoted),
  };
}

/** The words of a command line up to its end, a pipe or a semicolon. A backslash at the end of a line continues it. */
function wordsOf(text: string, from: number): Word[] {
  const line = text.slice(from, from + longestLine);
  const words: Word[] = [];
  const word = /\s*(?:\\\n\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|([^\s|;&"'`()<>]+(?:(["'])[^"'\n]*\4)?))/y;
  while (words.length < maxWords) {
    const found = word.exec(line);
    if (found === null || /\n/.test(found[0].replace(/\\\n/, ""))) break;
    const value = found[1] ?? found[2] ?? found[3] ?? "";
    const quote = found[3] === undefined ? 1 : 0;
    const end = from + word.lastIndex - quote;
    words.push({ value, start: end - value.length, end });
  }
  return words;
}

/** A value piped to a command: `echo secret | docker login --password-stdin`. */
export function readPiped(text: string, { start }: Span): Span | null {
  const before = text.slice(Math.max(0, start - 200), start);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const found = piped.exec(line);
  const [whole = "", value = ""] = found ?? [];
  if (found === null || judgeValue(value, "password", false) !== "secret") return null;
  const at = start - line.length + found.index + whole.indexOf(value);
  return { start: at, end: at + value.length };
}

/** A value that `echo` pipes, possibly decoded on the way or preceded by a user name. */
const piped =
  /(?:echo|printf)(?: -[ne]+)? (?:["']?[\w.@-]{1,40}:)?["']?([^\s"'|]{6,128})["']? {0,2}(?:\| {0,2}base64 [^|]{0,12})?\|[^|]*$/;

/** Commands that read a secret from a pipe. */
export const pipedWords: readonly string[] = [
  "chpasswd",
  "--password-stdin",
  "--with-token",
  "sudo -s ",
  "passwd --stdin",
  "secret set ",
];
