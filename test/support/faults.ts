/**
 * @file For tests: a layer between the program and the disk. It counts writes below a folder, through Node's file
 * functions and through SQLite, and makes the n-th operation fail.
 *
 * It patches this process: `node:fs` during a piece of work, the SQLite driver through `faulty-sqlite.ts`. It cannot
 * reproduce what happens below JavaScript, such as one page of SQLite reaching the disk and another one not.
 */
import fs, { type PathLike } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `ENOSPC`, `EIO`, `EACCES`: one operation fails with this error; a write on a full disk stores its first half. `full`:
 * from then on all writes fail, but files can be renamed and removed. `crash`: from then on all operations fail, as
 * after a kill.
 */
export type FaultKind = "ENOSPC" | "EIO" | "EACCES" | "full" | "crash";

/** The operation that fails, and how. */
export interface FaultPlan {
  /** Only paths below this folder count. */
  readonly under: string;
  /** Number of the operation, from 1; by default none fails. */
  readonly at?: number;
  readonly kind?: FaultKind;
  /**
   * A file outside of the folder for processes that share the disk, created when the operation fails. While it exists,
   * no other fault occurs, and with `full` the disk is full for all of them.
   */
  readonly mark?: string;
  /** Called before the operation fails; a separate process kills itself here to simulate a crash. */
  readonly onFault?: () => void;
}

/** The result and the recorded operations. */
export interface Injected<Result> {
  readonly result: Result;
  /** Number of operations requested. */
  readonly count: number;
  /** Whether the operation that should fail was reached. */
  readonly fired: boolean;
  /** The operations in order: name and path below the folder. */
  readonly operations: readonly string[];
  /** The same plus operations that cannot fail here: syncs of folders, and new names of renamed files. */
  readonly trace: readonly string[];
}

/** Kinds of operations: those that need space, those that do not, and SQLite statements that begin, end or write. */
type Sort = "write" | "name" | "sql";

interface Counter {
  /** Counts an operation and throws if it fails. `half` writes the part that still fits on a full disk. */
  step(sort: Sort, name: string, half?: () => void): void;
  /** Adds an entry to the trace. */
  note(text: string): void;
}

/** The function that `faulty-sqlite.ts` calls before a statement that writes. */
export const sqlHook: { ask: (sql: string) => void } = { ask: () => undefined };

/** Runs work on a disk that fails as planned. Calls must not overlap. */
export async function injectFaults<Result>(
  plan: FaultPlan,
  work: (state: {
    readonly folder: string;
    readonly hasFired: () => boolean;
    /** The operations so far. */
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

/**
 * SQLite's result codes and messages by system error.
 *
 * @source primary result codes: sqlite.org/rescode.html
 */
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

/** Replaces a function; returns the function that restores it. */
function replace(owner: object, name: string, make: (original: Method) => Method): () => void {
  const holder = owner as Record<string, Method>;
  const original = holder[name];
  if (original === undefined) throw new Error(`there is no ${name} to replace`);
  holder[name] = make(original);
  return () => {
    holder[name] = original;
  };
}

/** Paths of handles opened for writing below the folder. */
let handlePaths = new WeakMap<object, string>();
/** Paths of handles opened for reading, as for syncs of folders; `null`: outside of the folder. */
const readPaths = new WeakMap<object, string | null>();

const readOnly = new Set<unknown>([undefined, "r", "rs"]);
/** The bits of numeric flags that determine whether a file is opened for writing. */
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
  /** Patches a function. The first path below the folder names the operation. */
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

/** Writes the half that still fits on a full disk. */
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

/** Methods of open handles and their kinds of operations. */
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

/** Creates a unique temporary folder. */
export function ownFolder(name: string): string {
  return fs.mkdtempSync(join(tmpdir(), `tunewise-${name}-`));
}
