// Questions as addresses have them, and answers as charts want them.

import { expect, test } from "vitest";

import { changed, equals, read, typed, written } from "../src/questions/conditions";
import { beside, fitting } from "../src/questions/drafts";
import { laid, type Row } from "../src/questions/lines";
import { readAll, rules, writtenAll } from "../src/questions/series";
import { picture } from "../src/questions/ways";

test("series are read as they were written, and a plain filter is a count", () => {
  const text = "type = order\npeople: type = cart\nsum(properties.price): \np99.5(properties.price): type = a AND b = 1\n";
  expect(writtenAll(readAll(text))).toBe(text);
  expect(readAll(text)).toEqual([
    { where: "type = order" }, { measure: "people", where: "type = cart" }, { measure: "sum", field: "properties.price" },
    { measure: "percentile", percentile: 99.5, field: "properties.price", where: "type = a AND b = 1" }, {},
  ]);
  expect(readAll("type:page-view")).toEqual([{ where: "type:page-view" }]);
});

test("rules are a pattern and what stands in its place", () => {
  expect(rules("/[0-9]+ => /N\nnothing\na=>b=>c")).toEqual([{ pattern: "/[0-9]+", with: "/N" }, { pattern: "a", with: "b=>c" }]);
});

test("rows are lines on one axis, those of the time before under the first of now", () => {
  const row = (date: string, series: string, value?: number, group?: string): Row => ({ date, series, ...(value === undefined ? {} : { value }), ...(group ? { group } : {}) });
  const [monday, tuesday] = ["2026-01-05 00:00:00+00", "2026-01-06 00:00:00+00"];
  const now = [row(monday, "A", 1, "x"), row(tuesday, "A", 2, "x"), row(monday, "A", 5), row(tuesday, "B")];
  const { times, dates, lines } = laid(now, [row("2026-01-03 00:00:00+00", "A", 7, "x")], ({ series, group, isBefore }) => `${series} ${group} ${isBefore}`);
  expect([dates, times]).toEqual([[monday, tuesday], [1767571200, 1767657600]]);
  expect(lines.map(({ name, values }) => [name, values])).toEqual([
    ["A x false", [1, 2]], ["A null false", [5, null]], ["B null false", [null, null]], ["A x true", [7, null]],
  ]);
});

test("what leads to what is drawn from where it begins to where it ends", () => {
  const link = (step: number, from: string, to: string, count: number) => ({ step, from, to, count, people: count });
  const { nodes, bands } = picture([link(1, "a", "b", 3), link(1, "a", "c", 1), link(2, "b", "a", 2)]);
  expect(nodes.map(({ step, name, count }) => [step, name, count])).toEqual([[1, "a", 4], [2, "b", 3], [2, "c", 1], [3, "a", 2]]);
  expect(bands).toHaveLength(3);
  const widths = bands.map(({ width }) => width);
  expect(widths[0]).toBeCloseTo(3 * (widths[1] ?? 0));
  expect(picture([])).toMatchObject({ nodes: [], bands: [] });
});

test("a plain filter is rows of conditions and is written again as it was meant", () => {
  const rows = (text: string) => read(text)?.conditions.map(({ field, is, value }) => [field, is, value]);
  expect(rows('type = "page-view" AND properties["first name"].x >= 10 AND utm.source EXISTS')).toEqual([["type", "=", "page-view"], ['properties["first name"].x', ">=", "10"], ["utm.source", "EXISTS", ""]]);
  expect(rows("type = page-view or type == 'it\\'s'")).toEqual([["type", "=", "page-view"], ["type", "=", "it's"]]);
  expect(rows("")).toEqual([]);
  for (const more of ["type = a AND b = 1 OR c = 2", "(type = a)", "NOT type = a", "type IN [a, b]", "type =", "type = a AND", "a b"]) expect(read(more), more).toBeNull();
  for (const text of ['type = "a \\"b\\" c" OR properties.price < 1.5', "utm.source NOT EXISTS", 'id STARTS WITH "x"']) {
    const plain = read(text);
    expect(plain && written(plain)).toBe(text);
  }
  expect(written({ joined: "AND", conditions: [{ field: "", is: "=", value: "1" }, { field: "a", is: "=", value: " " }, { field: "b", is: "=", value: "true" }] })).toBe("b = true");
});

/** What a text in quotes says, as the server reads it: any letter behind a backslash is itself; in filters of history another star stands for anything. */
const meant = (quoted: string, root: string) => [...quoted.slice(1, -1).matchAll(/\\([^])|([^])/g)].map(([, letter, bare]) => (bare === "*" && !root ? ["anything"] : (letter ?? bare)));
const LETTERS = ["*", "\\", '"', "a", " ", "5"];
/** Every text of so many of these letters. */
const texts = (many: number): string[] => (many === 0 ? [""] : texts(many - 1).flatMap((text) => [text, ...LETTERS.map((letter) => text + letter)]));

test("a filter that is only looked at stays as it is written", () => {
  for (const text of ['properties.k = "a\\*b"', 'properties.k != "a*\\*b\\\\*"', "type = 'it\\'s'", 'properties.k = ""', 'properties.k = " a "', 'properties.k = "\\"x\\""', 'properties.k = "\\n"', "profile.id = session.id", "properties.k = null", "properties.k > 1e5"]) {
    const plain = read(text);
    expect(plain && written(plain)).toBe(text);
  }
});

test("a value that is typed again as it is shown means what it meant", () => {
  const inners = [...new Set(texts(5))].filter((inner) => /^(?:[^"\\]|\\.)*$/.test(inner));
  for (const root of ["", "event"]) for (const inner of inners) {
    const field = root ? `${root}@properties.k` : "properties.k";
    const [row] = read(`${field} = "${inner}"`, root)?.conditions ?? [];
    const again = row && written({ joined: "AND", conditions: [changed(row, "value", row.value)] }, root);
    expect(meant(again?.slice(`${field} = `.length) ?? "", root), `${root} ${inner}: ${row?.value}`).toEqual(meant(`"${inner}"`, root));
  }
});

test("a value that is picked, and one that a link is about, is just this text", () => {
  for (const text of new Set(texts(5))) {
    const whole = meant(equals("k", text).slice("k = ".length), "");
    expect(whole, text).toEqual([...text]);
    for (const root of ["", "event"]) {
      const begin = `${root && `${root}@`}k = `;
      const picked = written({ joined: "AND", conditions: [{ field: "k", is: "=", value: typed(text, root) }] }, root).slice(begin.length);
      // What writes a number is one: the values that there are do not say which it was.
      expect(picked.startsWith('"') ? meant(picked, root) : [...picked], text).toEqual([...text]);
    }
  }
  expect([typed("a*b"), typed("x\\y"), typed("a\\*b"), typed("a*b", "event"), typed(" a")]).toEqual(["a\\*b", "x\\y", "a\\\\\\*b", "a*b", '" a"']);
  expect(written({ joined: "AND", conditions: [{ field: "k", is: "=", value: "a*\\*" }] })).toBe('k = "a*\\*"');
});

test("what else of a row is changed leaves its value, and a changed value is what was typed", () => {
  const [row] = read("type = page*")?.conditions ?? [];
  const after = (name: "field" | "is" | "value", to: string) => row && written({ joined: "AND", conditions: [changed(row, name, to)] });
  expect([after("is", "!="), after("field", "name"), after("value", "page-*")]).toEqual(["type != page*", "name = page*", 'type = "page-*"']);
});

test("as many texts are kept as there is room for, and none is cut", () => {
  expect(fitting(["a", "long ".repeat(9), "b", "c", "d"], 20, 3)).toEqual(["a", "b", "c"]);
  expect(fitting(["żółw", "a\nb"], 12, 9)).toEqual(["żółw"]);
});

test("what another tab keeps stays beside mine, and what I kept before does not", () => {
  const before = new Set(["SELECT 1", "SELECT 12"]);
  expect(beside(["SELECT 123", "x"], before, ["SELECT 12", "of another", "x"])).toEqual(["SELECT 123", "x", "of another"]);
  expect(beside([""], before, ["SELECT 1"])).toEqual([""]);
});
