/** @file Rust rules: unsafe memory access, and untrusted sizes. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Rule } from "../../rule.ts";
import { calls, reaches } from "../matches.ts";
import { around } from "./run.ts";

/** Whether the enclosing function is an `unsafe fn`, for which the caller is responsible. */
function isPromised({ here }: CallSeen): boolean {
  const { inside, text } = here;
  return (
    inside !== undefined &&
    /\bunsafe\s{1,9}(extern\s{1,9}"C"\s{1,9})?fn\b/.test(text.slice(inside.start, inside.start + 200))
  );
}

/** Whether the function checks a length, an index or a pointer. */
function looks({ here }: CallSeen): boolean {
  return /\.len\(\)|assert!|debug_assert|is_null\(\)|checked_|\.min\(|size_of|capacity\(\)/.test(
    around(here),
  );
}

/** Rules on memory. */
export const rustMemoryRules: readonly Rule[] = [
  {
    id: "rust/bounds-unchecked",
    cwe: 125,
    title: "Memory access without a bounds check",
    severity: "medium",
    why: "The access can read or overwrite memory outside the buffer.",
    fix: "Use slice.get(index), which returns None out of bounds",
    literals: [
      "get_unchecked",
      "from_raw_parts",
      ".offset(",
      "from_raw",
      "copy_nonoverlapping",
      "ptr::read",
      "ptr::write",
      ".add(",
    ],
    match: [
      calls(
        ".get_unchecked .get_unchecked_mut .slice_unchecked",
        (seen) => !looks(seen) && !isPromised(seen),
      ),
      calls(
        "slice.from_raw_parts slice.from_raw_parts_mut from_raw_parts from_raw_parts_mut Vec.from_raw_parts String.from_raw_parts",
        (seen) => !looks(seen) && !isPromised(seen),
      ),
      calls(
        "ptr.copy_nonoverlapping ptr.copy copy_nonoverlapping ptr.write ptr.read .copy_from_nonoverlapping",
        (seen) => !looks(seen) && !isPromised(seen),
      ),
      reaches(
        "size",
        2,
        ".offset .add .sub .wrapping_add",
        [0],
        ({ here, start, end }) => /unsafe/.test(around(here)) && end > start,
      ),
      calls(
        "!pointer",
        (seen) =>
          !looks(seen) &&
          !isPromised(seen) &&
          /\.(add|offset|sub)\(/.test(seen.here.text.slice(seen.start, seen.end)),
      ),
    ],
    bad: [
      "fn get(all: &[u8], at: usize) -> u8 { unsafe { *all.get_unchecked(at) } }",
      "fn view(p: *const u8, n: usize) -> &'static [u8] { unsafe { std::slice::from_raw_parts(p, n) } }",
      "fn get(p: *const i32, at: isize) -> i32 { unsafe { *p.offset(at) } }",
    ],
    good: [
      "fn get(all: &[u8], at: usize) -> Option<u8> { all.get(at).copied() }",
      "fn get(all: &[u8], at: usize) -> u8 { assert!(at < all.len()); unsafe { *all.get_unchecked(at) } }",
      "unsafe fn view<'a>(p: *const u8, n: usize) -> &'a [u8] { std::slice::from_raw_parts(p, n) }",
    ],
  },
  {
    id: "rust/not-begun",
    cwe: 908,
    title: "Uninitialized memory used",
    severity: "medium",
    why: "It can reveal previous contents, such as keys, passwords and pointers.",
    fix: "Use vec![0; n], or write to the MaybeUninit before assume_init",
    literals: ["uninitialized", "set_len", "assume_init", "zeroed"],
    match: [
      calls("mem.uninitialized uninitialized"),
      calls(".set_len", ({ here, args }) => {
        const source = around(here);
        return (
          /with_capacity|reserve/.test(source) &&
          args[0]?.constant !== 0 &&
          !/\.write\(|copy_nonoverlapping|read_exact|ptr::write|fill\(/.test(source)
        );
      }),
      calls(
        ".assume_init",
        ({ receiver, here }) =>
          /^MaybeUninit\.uninit\(\)$/.test(receiver.path) && !/\.write\(|as_mut_ptr/.test(around(here)),
      ),
    ],
    bad: [
      "fn make() -> [u8; 16] { unsafe { std::mem::uninitialized() } }",
      "fn make(n: usize) -> Vec<u8> { let mut v = Vec::with_capacity(n); unsafe { v.set_len(n); } v }",
      "fn make() -> u64 { unsafe { MaybeUninit::uninit().assume_init() } }",
    ],
    good: [
      "fn make() -> [u8; 16] { [0; 16] }",
      "fn make(n: usize) -> Vec<u8> { vec![0; n] }",
      "fn make() -> u64 { let mut m = MaybeUninit::uninit(); m.write(1); unsafe { m.assume_init() } }",
    ],
  },
  {
    id: "rust/other-type",
    cwe: 843,
    title: "Memory reinterpreted as another type",
    severity: "low",
    why: "Bit patterns that are invalid for the other type cause undefined behavior.",
    fix: "Use from_ne_bytes, bytemuck::cast or TryFrom",
    literals: ["transmute", "from_utf8_unchecked", "unreachable_unchecked"],
    match: [
      calls(
        "mem.transmute transmute mem.transmute_copy str.from_utf8_unchecked String.from_utf8_unchecked from_utf8_unchecked",
      ),
    ],
    bad: [
      "fn go(x: u32) -> f32 { unsafe { std::mem::transmute(x) } }",
      "fn go(b: &[u8]) -> &str { unsafe { std::str::from_utf8_unchecked(b) } }",
    ],
    good: [
      "fn go(x: u32) -> f32 { f32::from_bits(x) }",
      'fn go(b: &[u8]) -> &str { std::str::from_utf8(b).unwrap_or("") }',
    ],
  },
  {
    id: "rust/size-from-outside",
    cwe: 770,
    title: "Allocation size from untrusted input",
    severity: "medium",
    why: "One request can exhaust memory and end the program.",
    fix: "Limit the size: n.min(MAX)",
    literals: ["with_capacity", "vec!", "reserve", "resize", "repeat"],
    match: [
      reaches(
        "size",
        2,
        "Vec.with_capacity String.with_capacity BytesMut.with_capacity HashMap.with_capacity .reserve .resize .repeat vec!",
        [0],
      ),
    ],
    bad: [
      "async fn make(Query(p): Query<P>) -> String { let v: Vec<u8> = Vec::with_capacity(p.n); String::new() }",
      '#[get("/x")]\nasync fn make(q: web::Query<P>) -> impl Responder { let n: usize = q.n.parse().unwrap(); let v = vec![0u8; n]; HttpResponse::Ok().finish() }',
    ],
    good: [
      "async fn make(Query(p): Query<P>) -> String { let v: Vec<u8> = Vec::with_capacity(p.n.min(100)); " +
        "String::new() }",
      '#[get("/x")]\nasync fn make(q: web::Query<P>) -> impl Responder { let n: usize = q.n.parse().unwrap(); if n > 100 { return HttpResponse::BadRequest().finish(); } let v = vec![0u8; n]; HttpResponse::Ok().finish() }',
    ],
  },
];
