// What pages stand on: addresses, tables as files, metrics, messages of a stream.

import { expect, test } from "vitest";

import { parse } from "../src/api/metrics";
import { basedOn, tagOf } from "../src/api/tags";
import { turns } from "../src/api/turns";
import { href, match, read } from "../src/app/address";
import { both } from "../src/app/filters";
import { messages } from "../src/live/stream-messages";
import { lanes } from "../src/screens/lanes";
import { statementAt, statements } from "../src/screens/statements";
import { csv } from "../src/ui/files";

const here = { path: "/events", search: { range: "30d", zone: "UTC", type: "order" } };

test("range and zone go along to other screens, and everything stays on this one", () => {
  expect(href({ to: "/people" }, here)).toBe("/console/people?range=30d&zone=UTC");
  expect(href({ to: ".", search: { type: undefined, where: "a = 1" } }, here)).toBe("/console/events?range=30d&zone=UTC&where=a+%3D+1");
});

test("an id in an address comes back as it was", () => {
  const id = "on her phone/50%";
  const path = href({ to: "/people/$id", params: { id } }, here).split("?")[0] ?? "";
  expect(match("/people/$id", read({ pathname: path, search: "" }).path)).toEqual({ id });
  expect(match("/people/$id", "/people")).toBeNull();
  expect(read({ pathname: "/console", search: "?range=1h" })).toEqual({ path: "/", search: { range: "1h" } });
});

test("a table as CSV keeps its cells apart and works nothing out", () => {
  expect(csv([["a", 1, null], ['say "hi"', "x,y", "=1+1"], ["two\nlines", -3, "-3"]])).toBe('a,1,\r\n"say ""hi""","x,y",\'=1+1\r\n"two\nlines",-3,\'-3\r\n');
});

test("metrics are read with their labels, and a quantile is the boundary above it", () => {
  const all = parse('# HELP a b\nkith_outcomes_total{outcome="kept",reason=""} 5\nkith_outcomes_total{outcome="refused",reason="a \\"b\\""} 2\nkith_s_bucket{le="0.1"} 90\nkith_s_bucket{le="1"} 99\nkith_s_bucket{le="+Inf"} 100\nkith_s_count 100\nkith_up 1\n');
  expect([all.sum("kith_outcomes_total"), all.sum("kith_outcomes_total", { outcome: "kept" }), all.sum("kith_up")]).toEqual([7, 5, 1]);
  expect([all.quantile("kith_s", 0.5), all.quantile("kith_s", 0.99), all.quantile("kith_s", 0.995), all.quantile("kith_none", 0.5)]).toEqual([0.1, 1, Infinity, null]);
});

test("messages of a stream are whole, however they are cut", async () => {
  const text = 'event: kept\ndata: {"name":"Zażółć"}\n\n:\n\nevent: left_out\ndata: {"events":3}\n\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, bytes.length]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const heard = [];
    for await (const message of messages(body)) heard.push(message);
    expect(heard).toEqual([{ event: "kept", data: '{"name":"Zażółć"}' }, { event: "left_out", data: '{"events":3}' }]);
  }
});

test("the statement at the cursor is what runs", () => {
  const text = "SELECT ';' AS a; -- one; two\nSELECT 2;\n\n";
  expect(statements(text).map(([from, to]) => text.slice(from, to).trim())).toEqual(["SELECT ';' AS a", "-- one; two\nSELECT 2"]);
  expect([0, 15, 20, text.length].map((at) => statementAt(text, at))).toEqual(["SELECT ';' AS a", "SELECT ';' AS a", "-- one; two\nSELECT 2", "-- one; two\nSELECT 2"]);
  expect([statementAt("", 0), statementAt(" ; ", 1), statementAt("SELECT 'open", 5)]).toEqual(["", "", "SELECT 'open"]);
});

test("mergers are lanes: whoever ends turns into whoever lives on, and passes where it was taken back", () => {
  const merge = (loser: string, winner: string, undone: string | null = null) => ({ loser, winner, undone });
  const drawn = lanes([merge("b", "a"), merge("c", "a", "2026-01-05"), merge("c", "a")], "a");
  expect(drawn.rows).toEqual([
    { through: [0, 2], from: 1, to: 0, holds: true },
    { through: [0, 2], from: 2, to: 0, holds: false },
    { through: [0], from: 2, to: 0, holds: true },
  ]);
});

test("a view inside of a dashboard is filtered by both filters", () => {
  expect([both("a = 1", "b = 2"), both(undefined, "b = 2"), both("a = 1", undefined), both("", "")]).toEqual(["(a = 1) AND (b = 2)", "b = 2", "a = 1", undefined]);
});

test("no more than so many are asked at a time, and none who has given up or failed keeps its turn", async () => {
  const take = turns(2);
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running -= 1;
    return "done";
  };
  const given = new AbortController();
  given.abort();
  const all = [take(work), take(() => Promise.reject(new Error("refused"))), take(work, given.signal), take(work), take(work)];
  const ends = (await Promise.allSettled(all)).map((one) => one.status);
  expect([ends, most, running]).toEqual([["fulfilled", "rejected", "rejected", "fulfilled", "fulfilled"], 2, 0]);
});

test("a version is known whatever a proxy makes of the header, and none is named where nobody says one", () => {
  const answer = (etag?: string) => new Response(null, etag ? { headers: { etag } } : {});
  expect(['"5"', 'W/"5"', undefined].map((etag) => tagOf(answer(etag)))).toEqual(['"5"', '"5"', ""]);
  expect([tagOf(answer(), { version: 5 }), tagOf(answer('W/"5-gzip"'), { version: 5 }), tagOf(answer('W/"5"'), { version: "1.0" }), tagOf(answer('"5"'), null)]).toEqual(Array(4).fill('"5"'));
  expect([basedOn('"5"'), basedOn(""), basedOn(undefined)]).toEqual([{ "If-Match": '"5"' }, {}, { "If-Match": '"0"' }]);
});
