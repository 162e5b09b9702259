/** @file PHP's request variables: `$_GET["id"]` becomes the name `$_GET.id`, so that a test of it applies later. */
import type { Expr, Span, Statement } from "../engine/syntax.ts";
import { assignAt, constantText, type Lowering, memberAt, nameAt } from "./make.ts";

const whole = /^\$_(GET|POST|REQUEST|COOKIE)$/;
/** Keys of `$_SERVER` that the client controls. */
const written =
  /^(HTTP_\w{1,60}|QUERY_STRING|REQUEST_URI|PHP_SELF|PATH_INFO|PHP_AUTH_\w{1,10}|ORIG_PATH_INFO|argv)$/;

/** Keys of `$_SESSION` that the program sets itself: identity and permissions. */
const settled =
  /(^|_)(u?id|no|nr)$|Id$|user|role|login|logged|auth|token|csrf|admin|level|rights?|lang|locale|count|cart|time|last/i;

/** An entry of the request; `undefined` for anything else. */
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
  // `$_FILES["f"]["name"]`: the client controls only the name and the type
  const isFile = object.kind === "index" && object.object.kind === "name" && object.object.name === "$_FILES";
  return isFile && key !== undefined ? memberAt(span, object, key) : undefined;
}

/** Initializes each request entry at the start of the program, so that tests can narrow it. */
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
