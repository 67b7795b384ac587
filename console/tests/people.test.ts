// Conditions about people: a text, and the parts that a builder shows of it.

import { expect, test } from "vitest";

import { written } from "../src/questions/people";
import { NEW, type Part } from "../src/questions/people-parts";
import { parts } from "../src/questions/people-read";

const kinds = (part: Part): unknown => (part.kind === "group" ? [part.joined, ...part.parts.map(kinds)] : part.not ? `not ${part.kind}` : part.kind);

test("what is written is what was read, whatever it is made of", () => {
  for (const text of [
    'profile@traits.plan = "pro" AND DID "order" WHERE (event@properties.total >= 10) AT LEAST 3 TIMES WITHIN 30d',
    'DID NOT "visit-started" WITHIN 90d AND NOT IN AUDIENCE "staff"',
    'DID FIRST "order" WITHIN 7d OR DID "order" BETWEEN datetime("2026-11-01") AND datetime("2026-12-01")',
    'profile@computed.spent > 100 AND profile@consents.mail EXISTS',
    'profile@traits.a NOT EXISTS AND (profile@traits.b = 1 OR NOT (profile@traits.c = "5" AND IN AUDIENCE "it\\"s"))',
    'profile@traits.seen > now.offset("-30d") OR profile@traits.code IN ["a", "b"]',
    'DID "order" WHERE ((event@properties.kind = "a" OR event@properties.kind = ")") AND event@properties.n = 1) EXACTLY 2 TIMES',
    'DID "view" WHERE (event@properties.a = 1) THEN WITHIN 1h "cart" THEN NOT WITHIN 1d "order" WHERE (event@properties.b = 2) WITHIN 30d',
    'DID LAST "visit-started" WITH (event@utm.source = "google") AND NOT IN LIST "019b"',
    'NOT profile@traits.a BETWEEN 1 AND 2 AND profile@traits.b = 1',
  ]) expect(written(parts(text))).toBe(text);
});

test("each part is of the kind that can be changed, and what cannot be is a text of its own", () => {
  expect(kinds(parts('NOT DID "a" OR (profile@traits.x = 1 AND profile@traits.y = profile@traits.z)'))).toEqual(["OR", "not did", ["AND", "field", "text"]]);
  expect(kinds(parts('profile@traits.x BETWEEN 1 AND 2 AND IN AUDIENCE "b"'))).toEqual(["AND", "text", "inside"]);
  expect(kinds(parts('DID "a" WHERE (event@x = ")") WITHIN'))).toEqual(["AND", "text"]);
  expect(kinds(parts('DID "a" THEN WITHIN 1h "b" AND IN LIST "c" AND (DID "d" OR DID "e" SOMEHOW 1h)'))).toEqual(["AND", "did", "inside", ["OR", "did", "text"]]);
  expect([kinds(parts("")), kinds(parts("what is this"))]).toEqual([["AND"], ["AND", "text"]]);
});

test("a letter behind a backslash is that letter", () => {
  expect(written(parts('DID "a\\*b" AND IN LIST "\\v"'))).toBe('DID "a*b" AND IN LIST "v"');
  expect(written(parts('profile@traits.c = "x\\*y" AND profile@traits.d = ""'))).toBe('profile@traits.c = "x\\*y" AND profile@traits.d = ""');
});

test("a text is never taken for a number, nor a field for a text", () => {
  const [number, text] = [parts("profile@traits.code = 5").parts[0], parts('profile@traits.code = "5"').parts[0]];
  expect([number, text]).toMatchObject([{ value: "5" }, { value: '"5"' }]);
  expect(kinds(parts("profile@traits.code = null"))).toEqual(["AND", "text"]);
});

test("what is not whole is left out, and words of one's own keep together", () => {
  const all = [NEW.did, { ...NEW.field, field: "traits.a" }, { ...NEW.text, text: "profile@a EMPTY OR profile@b EMPTY" }, { ...NEW.inside, id: "vip" }];
  expect(written({ ...NEW.group, joined: "AND", parts: all })).toBe('(profile@a EMPTY OR profile@b EMPTY) AND IN AUDIENCE "vip"');
  expect(written({ ...NEW.group, parts: [] })).toBe("");
});

test("a span that is not whole is never all of time", () => {
  expect(written({ ...NEW.did, type: "order", when: "within", within: " " })).toBe('DID "order" WITHIN');
  expect(written({ ...NEW.did, type: "order", when: "between", from: "2027-01-01" })).toBe('DID "order" BETWEEN datetime("2027-01-01") AND datetime("")');
});
