/** @file Rust rules: unsafe memory access, and untrusted sizes. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Rule } from "../../rule.ts";
import { calls, reaches, words } from "../matches.ts";
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
    literals: words(
      "get_unchecked from_raw_parts .offset( from_raw copy_nonoverlapping ptr::read ptr::write .add(",
    ),
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
  },
];
