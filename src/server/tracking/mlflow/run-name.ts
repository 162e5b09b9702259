/**
 * @file Names for runs that were given none: two words and a number, easier to tell apart than ids.
 */

const first = [
  "amber brisk calm clever coral crisp dapper eager fleet fond gentle glad hardy humble jolly",
  "keen kind lively lucid mellow merry nimble noble placid proud quick quiet rapid rustic",
  "serene silent snappy steady sunny swift tidy upbeat vivid witty zesty",
].flatMap((line) => line.split(" "));
const second = [
  "badger beaver bison cod crane crow dingo dove eel falcon finch fox gecko gull hare hawk",
  "heron ibis jay koala lark lemur lynx mole moose newt otter owl panda perch pike puffin",
  "quail raven robin seal shrew stork swan tern toad trout vole wren yak zebra",
].flatMap((line) => line.split(" "));

/**
 * A name.
 *
 * @param id letters of chance, as hex digits
 */
export function inventName(id: string): string {
  const pick = (from: number): number => Number.parseInt(id.slice(from, from + 4), 16);
  return `${first[pick(0) % first.length]}-${second[pick(4) % second.length]}-${pick(8) % 1000}`;
}
