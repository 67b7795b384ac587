// What pages stand on: addresses, tables as files, metrics, messages of a stream.

import { expect, test } from "vitest";

import { parse } from "../src/api/metrics";
import { href, match, read } from "../src/app/address";
import { messages } from "../src/live/stream-messages";
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
