import { describe, expect, test } from "vitest";
import { matchesSql } from "./sql-match.ts";

describe("the same statement", () => {
  test.each([
    ["SELECT a FROM t", "select  a\nfrom t ;"],
    ["select a from t -- all\n", "select a /* one */ from t"],
    ['select "a" from `t`', "select a from [t]"],
    ["select a from t where x = 'it''s'", 'select a from t where x = "it\'s"'],
    ["select a from t where x = 1 and y = 'B'", "select a from t where y = 'B' and x = 1"],
    ["select a from t where x = 1 and y = 2 and z = 3", "select a from t where z = 3 and x = 1 and y = 2"],
    [
      'select a from t where x = "B" and y in ("C", "d")',
      "select a from t where x = 'B' and y in ('C', 'd')",
    ],
    ["select a from t where x <> 1.0", "select a from t where x != 1"],
    ["select a as b from t", "select a b from t"],
    ["select cast((select a as b from t) as int)", "select cast((select a b from t) as int)"],
    [
      "select u.a from users as u join orders o on u.id = o.uid",
      "SELECT t1.a FROM users t1 INNER JOIN orders AS t2 ON t1.id = t2.uid",
    ],
    [
      "select x.a from s x join s y on x.i = y.j and x.k = 1",
      "select p.a from s p join s q on p.k = 1 and p.i = q.j",
    ],
    ["select a.x, b.y from s a, t b", "select p.x, q.y from s p, t q"],
    [
      "select d.a from (select a from t where b = 1) as d, s where d.a = 1",
      "select q.a from (select a from t where b = 1) q, s where q.a = 1",
    ],
    [
      "select d.a from (select a from (select b from t)) d join s e on e.i = d.i",
      "select x.a from (select a from (select b from t)) x join s y on y.i = x.i",
    ],
    ["select u.a from s.t u", "select v.a from s.t v"],
    [
      "select a from t where x in (select x from s where p = 1 and q = 2)",
      "select a from t where x in (select x from s where q = 2 and p = 1)",
    ],
    [
      "select a from t where y = 2 and x in (select x from s where p = 1 and q = 2)",
      "select a from t where x in (select x from s where q = 2 and p = 1) and y = 2",
    ],
    [
      "select a from t where x = 1 and y = 2 group by a having b = 1",
      "select a from t where y = 2 and x = 1 group by a having b = 1",
    ],
    [
      "select a from t where x = 1 and y = 2 union select a from t where p = 1 and q = 2",
      "select a from t where y = 2 and x = 1 union select a from t where q = 2 and p = 1",
    ],
    ["select a from t where (x = 1 or y = 2) and z = 3", "select a from t where z = 3 and (x = 1 or y = 2)"],
    [
      "select a from t join s on t.i = s.i and t.j = s.j left join r on r.i = s.i",
      "select a from t join s on t.j = s.j and t.i = s.i left join r on r.i = s.i",
    ],
    [
      "select a from (select b from t where x = 1 and y = 2) where z = 1",
      "select a from (select b from t where y = 2 and x = 1) where z = 1",
    ],
    [
      "select a from t where x in (select b from s where p between 1 and 2 and q in (select c from r where m = 1 and n = 2))",
      "select a from t where x in (select b from s where p between 1 and 2 and q in (select c from r where n = 2 and m = 1))",
    ],
    ["(select a from t)", "( SELECT a FROM t )"],
    ["select a from t where f(x) = 1 and b = 2", "select a from t where b = 2 and f(x) = 1"],
    ["select a from t where x = 'or' and b = 1", "select a from t where b = 1 and x = 'or'"],
    ["select a from t where x = 'group' and b = 1", "select a from t where b = 1 and x = 'group'"],
    ["select u.a from t join s on t.x = 'where', r u", "select v.a from t join s on t.x = 'where', r v"],
  ])("%s", (one, other) => {
    expect(matchesSql(one, other)).toBe(true);
    expect(matchesSql(other, one)).toBe(true);
  });

  test("in a fence", () => {
    expect(matchesSql("```sql\nselect a from t\n```", "SELECT a FROM t;")).toBe(true);
  });
});

describe("another statement", () => {
  test.each([
    ["select a from t", "select b from t"],
    ["select a, b from t", "select b, a from t"],
    ["select a from t where x = 'B'", "select a from t where x = 'b'"],
    ['select a from t where x like "B%"', 'select a from t where x like "b%"'],
    ["select 'a' from t", "select a from t"],
    ["select a from t where x = 'a'' and y = ''b'", "select a from t where x = 'a' and y = 'b'"],
    ["select a from t where x = 1 and y = 2", "select a from t where x = 2 and y = 1"],
    [
      "select a from t where x = 1 or y = 2 and z = 3",
      "select a from t where x = 1 or z = 3 and y = 2 and z = 3",
    ],
    ["select a from t where x = 1 or y = 2 and z = 3", "select a from t where z = 3 and x = 1 or y = 2"],
    [
      "select a from t where x between 1 and 2 and y = 3",
      "select a from t where x between 1 and 3 and y = 2",
    ],
    ["select a from t where x between 2 and y", "select a from t where y and x between 2"],
    [
      "select a from t where case when x and y then z end and w",
      "select a from t where w and case when x and y then z end",
    ],
    ["select a from t where f(x and y)", "select a from t where f(y and x)"],
    ["select a.x from s a, t b", "select b.x from s a, t b"],
    ["select x.a from s x join s y on x.i = y.i", "select y.a from s x join s y on x.i = y.i"],
    ["select cast(a as text) from t", "select cast(a text) from t"],
    ["select cast(cast(a as text) as int) from t", "select cast(cast(a as text) int) from t"],
    ["select cast((a) as text) from t", "select cast((a) text) from t"],
    ["with x as (select 1) select * from x", "with x (select 1) select * from x"],
    ["select a from t left join s on t.i = s.i", "select a from t inner join s on t.i = s.i"],
    ["select inner from t", "select from t"],
    ['select "" from t', "select from t"],
    ["select a u, b from t", "select a v, b from t"],
    ["select u from t, s where u = 1", "select v from t, s where v = 1"],
    ["select a from t order by x, y", "select a from t order by y, x"],
    [
      "select a from t group by x having y = 1 and z = 2",
      "select a from t group by x having z = 2 and y = 1",
    ],
    ["select a from t where x = 1 order by y and z", "select a from t where x = 1 order by z and y"],
    ["select '1 ''='' 1'", "select '1' = '1'"],
    ["select a) b c from t", "select a) b d from t"],
    ["select * from (select a b from t) q", "select * from (select a c from t) q"],
    ["select 'from', a b from t", "select 'from', a c from t"],
    ["select a from t where x glob y", "select a from t where x regexp y"],
    ["select u.a from t u where a glob 'u'", "select v.a from t v where a glob 'v'"],
    ["select u.a, u from t u", "select v.a, v from t v"],
    ["select distinct u from t u", "select distinct v from t v"],
    ["select a from t where x = 1 group by a", "select a from t where x = 1 order by a"],
    ["select a from t where x = 1 and y = 2", "select a from t where x = 1 and y = 3"],
    ["select a from t where x = 1 and y = 2", "select a from t where x = 1 y = 2"],
    ["", ""],
    ["-- nothing", "-- nothing"],
    ["select 'a", "select 'a"],
  ])("%s", (one, other) => {
    expect(matchesSql(one, other)).toBe(false);
    expect(matchesSql(other, one)).toBe(false);
  });
});
