/** @file Shortens Rust's paths to the informative part: a type or module, and its function. */

/** `std::process::Command::new` is `Command.new`, `std::fs::read` is `fs.read`, `reqwest::Client` is `Client`. */
export function shortPath(source: string): string {
  const names = source
    .slice(0, 300)
    .replace(/<[^<>]{0,200}>/g, "")
    .replace(/<[\s\S]{0,200}$/, "")
    .replace(/\s{1,20}/g, "")
    .split("::")
    .filter((name) => name !== "" && !/^(crate|self|super|Self)$/.test(name));
  const isType = (name: string | undefined): boolean => name !== undefined && /^[A-Z]\w*[a-z]/.test(name);
  const last = names.length - 1;
  // an enum variant keeps its type
  const type = isType(names[last - 1]) ? last - 1 : isType(names[last]) ? last : -1;
  if (type >= 0) return names.slice(type).join(".");
  return names.slice(-2).join(".");
}

/** A type without references, lifetimes and `dyn` or `impl`: `&'a mut dyn Foo` is `Foo`. */
export function bareType(source: string): string {
  return source
    .slice(0, 200)
    .replace(/^[&*\s]{1,9}/, "")
    .replace(/^'\w{1,30}\s{1,9}/, "")
    .replace(/^(mut|const|dyn|impl)\s{1,9}/, "")
    .trim();
}
