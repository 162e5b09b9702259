/**
 * @file For tests: a layer between the program and the disk that counts what is written below a folder, through Node's
 * file functions and through SQLite, and makes the n-th of these operations fail.
 *
 * It sits in this process: `node:fs` is replaced for as long as a piece of work lasts, the driver of SQLite by
 * `faulty-sqlite.ts`. What no JavaScript sees, such as a page of SQLite that reaches the disk while another does
 * not, is not reproduced here.
 */
import fs, { type PathLike } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `ENOSPC`, `EIO`, `EACCES`: one operation fails so; of a write that meets a full disk, half gets through · `full`:
 * from then on nothing can be written, but files can be renamed and removed · `crash`: from then on nothing happens at
 * all, as after a kill.
 */
export type FaultKind = "ENOSPC" | "EIO" | "EACCES" | "full" | "crash";

/** Which operation fails, and how. */
export interface FaultPlan {
  /** Only what lies below this folder is counted. */
  readonly under: string;
  /** Number of the operation, from 1; none fails without it. */
  readonly at?: number;
  readonly kind?: FaultKind;
  /**
   * A file outside of the folder, for processes that share the disk: it is made when the operation fails. While it is
   * there, nobody meets another fault, and a disk that is full is so for all of them.
   */
  readonly mark?: string;
  /** Called before the operation fails: a process of its own ends itself here for a crash. */
  readonly onFault?: () => void;
}

/** What came of it. */
export interface Injected<Result> {
  readonly result: Result;
  /** Operations that were asked for. */
  readonly count: number;
  /** Whether the one that was to fail was reached. */
  readonly fired: boolean;
  /** What each operation was, in order: its name and the path below the folder. */
  readonly operations: readonly string[];
  /** The same with what cannot fail here: syncs of folders, and the new names of what was renamed. */
  readonly trace: readonly string[];
}

/** An operation on the disk: those that need space, those that do not, and those that begin, end or write in SQLite. */
type Sort = "write" | "name" | "sql";

interface Counter {
  /** Counts; throws where this one fails. `half` does the part of a write that a full disk still takes. */
  step(sort: Sort, name: string, half?: () => void): void;
  /** Notes down, for the trace, what was done. */
  note(text: string): void;
}

/** What `faulty-sqlite.ts` asks before a statement that writes. */
export const sqlHook: { ask: (sql: string) => void } = { ask: () => undefined };

/** Does a piece of work on a disk that fails as planned. Not for two at the same time. */
export async function injectFaults<Result>(
  plan: FaultPlan,
  work: (state: {
    readonly folder: string;
    readonly hasFired: () => boolean;
    /** So far. */
    readonly operations: readonly string[];
  }) => Promise<Result>,
): Promise<Injected<Result>> {
  const operations: string[] = [];
  const trace: string[] = [];
  let fired = false;
  const { at = Number.POSITIVE_INFINITY, kind = "EIO", mark } = plan;
  const isMarked = (): boolean => mark !== undefined && realExistsSync(mark);
  const counter: Counter = {
    note: (text) => void trace.push(text),
    step: (sort, name, half) => {
      operations.push(name);
      const isFree = kind === "full" && sort === "name";
      const isFirst = !fired && !isFree && operations.length >= at && !isMarked();
      if (isFirst) {
        fired = true;
        if (mark !== undefined) realWriteFileSync(mark, name);
        plan.onFault?.();
      }
      const isFull = kind === "full" && !isFree && (mark === undefined ? fired : isMarked());
      if (!isFirst && !isFull && !(kind === "crash" && fired)) return;
      const code = kind === "full" ? "ENOSPC" : kind === "crash" ? "ECRASHED" : kind;
      if (sort === "write" && code === "ENOSPC" && isFirst) half?.();
      throw sort === "sql" ? sqliteError(code) : systemError(code, name);
    },
  };
  const restore = [...patchFiles(resolve(plan.under), counter), ...(await patchHandles(counter))];
  sqlHook.ask = (sql) => counter.step("sql", `sql ${sql}`);
  syncBuiltinESMExports();
  try {
    const result = await work({ folder: plan.under, hasFired: () => fired, operations });
    return { result, count: operations.length, fired, operations, trace };
  } finally {
    for (const back of restore) back();
    sqlHook.ask = () => undefined;
    syncBuiltinESMExports();
    handlePaths = new WeakMap();
  }
}

function systemError(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: injected, ${name}`), {
    code,
    errno: -1,
    syscall: name.split(" ")[0],
  });
}

/** @source primary result codes: sqlite.org/rescode.html */
const sqliteCodes: Readonly<Record<string, readonly [number, string]>> = {
  ENOSPC: [13, "database or disk is full"],
  EIO: [10, "disk I/O error"],
  EACCES: [8, "attempt to write a readonly database"],
  ECRASHED: [10, "crashed"],
};

function sqliteError(code: string): Error {
  const [errcode, errstr] = sqliteCodes[code] ?? [1, "SQL logic error"];
  return Object.assign(new Error(errstr), { code: "ERR_SQLITE_ERROR", errcode, errstr });
}

type Method = (this: unknown, ...values: never[]) => unknown;

/** Puts a function in the place of another; gives what undoes it. */
function replace(owner: object, name: string, make: (original: Method) => Method): () => void {
  const holder = owner as Record<string, Method>;
  const original = holder[name];
  if (original === undefined) throw new Error(`there is no ${name} to replace`);
  holder[name] = make(original);
  return () => {
    holder[name] = original;
  };
}

/** Paths of the handles that were opened for writing below the folder. */
let handlePaths = new WeakMap<object, string>();
/** Paths of those that were opened for reading, as folders are for their sync; `null`: elsewhere. */
const readPaths = new WeakMap<object, string | null>();

const readOnly = new Set<unknown>([undefined, "r", "rs"]);
/** The bits of numeric flags that say whether a file is opened for writing. */
const accessBits = 3;

function isReadOnly(flags: unknown): boolean {
  return typeof flags === "number" ? (flags & accessBits) === fs.constants.O_RDONLY : readOnly.has(flags);
}
const writesWhole = ["writeFile", "appendFile"];
const names = [
  "rename",
  "link",
  "symlink",
  "mkdir",
  "mkdtemp",
  "rm",
  "rmdir",
  "unlink",
  "truncate",
  "copyFile",
  "cp",
];

function patchFiles(folder: string, counter: Counter): (() => void)[] {
  const below = (path: unknown): string | null => {
    if (typeof path !== "string" && !(path instanceof URL) && !Buffer.isBuffer(path)) return null;
    const full = resolve(pathText(path));
    return full === folder || full.startsWith(folder + sep) ? full.slice(folder.length + 1) : null;
  };
  const restore: (() => void)[] = [];
  /** The last path names what comes into being. */
  const watch = (owner: object, name: string, sort: Sort): void => {
    const isAsync = owner === fs.promises;
    const [original] = [(owner as Record<string, Method>)[name]];
    if (original === undefined) return;
    restore.push(
      replace(
        owner,
        name,
        (real) =>
          function (this: unknown, ...values: unknown[]) {
            const path = below(values[0]) ?? (typeof values[1] === "string" ? below(values[1]) : null);
            if (path === null) return Reflect.apply(real, this, values);
            const half = (): void => writeHalf(values, name);
            const act = (): unknown => {
              counter.step(
                sort,
                `${name} ${path}`,
                writesWhole.some((one) => name.startsWith(one)) ? half : undefined,
              );
              counter.note(noteOf(name, path, name.startsWith("rename") ? below(values[1]) : null));
              return Reflect.apply(real, this, values);
            };
            return isAsync ? (async () => act())() : act();
          },
      ),
    );
  };
  for (const name of writesWhole) {
    watch(fs.promises, name, "write");
    watch(fs, `${name}Sync`, "write");
  }
  for (const name of names) {
    const sort = ["mkdir", "mkdtemp", "copyFile", "cp", "link", "symlink"].includes(name) ? "write" : "name";
    watch(fs.promises, name, sort);
    watch(fs, `${name}Sync`, sort);
  }
  restore.push(
    replace(
      fs.promises,
      "open",
      (real) =>
        async function (this: unknown, ...values: unknown[]) {
          const path = isReadOnly(values[1]) ? null : below(values[0]);
          if (path !== null) counter.step("write", `open ${path}`);
          if (path !== null) counter.note(`open ${path}`);
          const handle = (await Reflect.apply(real, this, values)) as object;
          if (path !== null) handlePaths.set(handle, path);
          else readPaths.set(handle, below(values[0]));
          return handle;
        },
    ),
  );
  return restore;
}

function noteOf(name: string, path: string, to: string | null): string {
  return to === null ? `${name} ${path}` : `${name} ${path} > ${to}`;
}

function pathText(path: PathLike): string {
  return path instanceof URL ? fileURLToPath(path) : path.toString();
}

/** What a full disk takes of a write to a path. */
function writeHalf([path, content]: readonly unknown[], name: string): void {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) return;
  const flag = name.startsWith("append") ? fs.constants.O_APPEND : fs.constants.O_TRUNC;
  const file = realOpenSync(path as string, fs.constants.O_WRONLY | fs.constants.O_CREAT | flag, 0o666);
  const bytes = Buffer.from(content as string);
  realWriteSync(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
  realCloseSync(file);
}

const { openSync: realOpenSync, writeSync: realWriteSync, closeSync: realCloseSync } = fs;
const { existsSync: realExistsSync, writeFileSync: realWriteFileSync } = fs;

/** Operations on an open handle: how they are counted. */
const handleMethods: Readonly<Record<string, Sort>> = {
  write: "write",
  writev: "write",
  writeFile: "write",
  appendFile: "write",
  sync: "write",
  datasync: "write",
  truncate: "name",
};

async function patchHandles(counter: Counter): Promise<(() => void)[]> {
  const probe = await fs.promises.open(tmpdir(), "r");
  const prototype = Object.getPrototypeOf(probe) as object;
  await probe.close();
  return Object.entries(handleMethods).map(([name, sort]) =>
    replace(
      prototype,
      name,
      (real) =>
        async function (this: unknown, ...values: unknown[]) {
          const path = handlePaths.get(this as object);
          if (path !== undefined) {
            const [content, offset, length, position] = values;
            const bytes =
              typeof content === "string" || content instanceof Uint8Array
                ? Buffer.from(content as string)
                : null;
            const half = (): void => {
              if (bytes === null || sort !== "write") return;
              const isPart = name === "write" && typeof offset === "number";
              const part = isPart
                ? bytes.subarray(offset, offset + Number(length ?? bytes.length - offset))
                : bytes;
              const at = isPart && typeof position === "number" ? position : null;
              realWriteSync(
                (this as { fd: number }).fd,
                part.subarray(0, Math.floor(part.length / 2)),
                0,
                undefined,
                at,
              );
            };
            counter.step(sort, `${name} ${path}`, half);
            counter.note(`${name} ${path}`);
          }
          const read = readPaths.get(this as object);
          if (read !== undefined && read !== null) counter.note(`${name} ${read}`);
          return Reflect.apply(real, this, values);
        },
    ),
  );
}

/** A folder of the system's temporary ones that no other test has. */
export function ownFolder(name: string): string {
  return fs.mkdtempSync(join(tmpdir(), `tunewise-${name}-`));
}
