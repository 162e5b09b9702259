/** @file Lowers Rust's calls to the common syntax. Wrappers become the wrapped value, and tests get common names. */
import type { Expr, Span } from "../engine/syntax.ts";
import { callAt, constantText, memberAt, nameAt, operationAt } from "./make.ts";

/** Methods that return the object itself: borrowed, owned, awaited or unwrapped. */
const same = new Set(
  (
    "unwrap expect unwrap_or_default clone cloned copied to_string to_owned into as_str as_ref as_mut " +
    "as_bytes as_slice " +
    "into_bytes into_string into_boxed_str as_deref borrow borrow_mut iter iter_mut into_iter chars " +
    "bytes to_vec into_inner " +
    "as_path to_path_buf into_os_string as_os_str to_string_lossy to_str unwrap_unchecked ok context " +
    "with_context map_err " +
    "await deref lock read_lock by_ref as_ptr into_owned to_bytes display finalize_reset unwrap_or_log " +
    "fuse peekable"
  ).split(" "),
);

/** Tests and functions under the names that all languages share. */
const renamed: Readonly<Record<string, string>> = {
  starts_with: "startsWith",
  ends_with: "endsWith",
  is_match: "search",
  replacen: "replace",
};

/** Functions that only wrap a value. */
const wrappers = new Set(
  (
    "Some Ok Box.new Arc.new Rc.new Mutex.new RwLock.new String.from Cow.from Cow.Borrowed Cow.Owned " +
    "PathBuf.from Path.new " +
    "OsString.from OsStr.new Bytes.from Cell.new RefCell.new Cursor.new BufReader.new str.from_utf8 " +
    "String.from_utf8 " +
    "String.from_utf8_lossy CString.new Pin.new"
  ).split(" "),
);

/** Whether a function of this path returns its argument. */
export function isWrapper(path: string): boolean {
  return wrappers.has(path);
}

/** Lowers a method call. */
export function methodOf(span: Span, object: Expr, name: string, args: readonly Expr[]): Expr {
  const [first] = args;
  if (same.has(name)) return object;
  // one or the other
  if (/^(unwrap_or|or|unwrap_or_else|or_else|map_or)$/.test(name) && first !== undefined)
    return operationAt(span, "or", [object, first]);
  if (/^(contains|contains_key)$/.test(name) && first !== undefined)
    return operationAt(span, "in", [first, object]);
  if (/^(eq|eq_ignore_ascii_case)$/.test(name) && first !== undefined)
    return operationAt(span, "==", [object, first]);
  if (name === "join" && first !== undefined && constantText(first) === undefined)
    return joinedPath(span, object, first);
  if (name === "concat" && object.kind === "group")
    return operationAt(
      span,
      "+",
      object.entries.map(({ value }) => value),
    );
  if (name === "add" && first !== undefined && object.kind === "text")
    return operationAt(span, "+", [object, first]);
  return callAt(span, memberAt(span, object, renamed[name] ?? name), args);
}

/** `folder.join(name)`. */
function joinedPath({ start, end }: Span, object: Expr, name: Expr): Expr {
  return { kind: "text", pieces: [object, "/", name], start, end };
}

/** Converts a value to a number. */
export function numberOf(span: Span, value: Expr): Expr {
  return callAt(span, nameAt(span, "!number"), [value]);
}
