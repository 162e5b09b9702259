/** @file What PHP keeps of a request: `$_GET["id"]` is the name `$_GET.id`, so that a test of it is remembered. */
import type { Expr, Span, Statement } from "../engine/syntax.ts";
import { assignAt, constantText, type Lowering, memberAt, nameAt } from "./make.ts";

const whole = /^\$_(GET|POST|REQUEST|COOKIE)$/;
/** Keys of `$_SERVER` that whoever asks writes. */
const written =
  /^(HTTP_\w{1,60}|QUERY_STRING|REQUEST_URI|PHP_SELF|PATH_INFO|PHP_AUTH_\w{1,10}|ORIG_PATH_INFO|argv)$/;

/** Keys of `$_SESSION` that the program itself decides on: who is logged in, and with which rights. */
const settled =
  /(^|_)(u?id|no|nr)$|Id$|user|role|login|logged|auth|token|csrf|admin|level|rights?|lang|locale|count|cart|time|last/i;

/** An entry of what came with the request; `undefined` for other things. */
export function superglobal(at: Lowering, span: Span, object: Expr, index: Expr): Expr | undefined {
  const key = constantText(index);
  if (object.kind === "name" && whole.test(object.name) && key !== undefined) {
    if (at.noted.size < 200) at.noted.add(`${object.name}.${key}`);
    return memberAt(span, object, key);
  }
  if (object.kind === "name" && object.name === "$_SESSION")
    return key === undefined || settled.test(key) ? nameAt(span, "session") : memberAt(span, object, key);
  if (object.kind === "name" && object.name === "$_SERVER")
    return key === undefined || written.test(key) ? undefined : nameAt(span, "server");
  // `$_FILES["f"]["name"]`: only the name and the type are the sender's
  const isFile = object.kind === "index" && object.object.kind === "name" && object.object.name === "$_FILES";
  return isFile && key !== undefined ? memberAt(span, object, key) : undefined;
}

/** At the beginning each entry is what it is. */
export function entriesFirst(at: Lowering): Statement[] {
  return [...at.noted].map((name): Statement => {
    const [object = "", key = ""] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
    const span = { start: 0, end: 0 };
    return assignAt(
      span,
      memberAt(span, nameAt(span, object), key),
      memberAt(span, nameAt(span, object), key),
    );
  });
}
