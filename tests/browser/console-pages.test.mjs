// Every screen of the console: accessible in light and dark, whole at 360 and 1440 pixels, quiet, and alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, interfaceOf, openPage, picture, show, signIn } from "./console.mjs";
import { setRules } from "./rules.mjs";

const built = consoleStage({ keeps: true, also: async (built) => setRules(await interfaceOf(built), built.kith.url) });

const FUNNEL = encodeURIComponent("type = page-view\ntype = order");
const SCREENS = {
  overview: "/", welcome: "/welcome", live: "/live", events: "/events", people: "/people", sessions: "/sessions", sql: "/sql",
  trends: "/trends?by=type&compare=yes", funnel: `/funnel?steps=${FUNNEL}`, retention: "/retention?interval=day", paths: "/paths", stickiness: "/stickiness", lifecycle: "/lifecycle",
  "trends-numbers": "/trends?as=values&series=people%3A%0Ap90(properties.sum)%3A&formula=A%20*%20B", "funnel-by": `/funnel?steps=${FUNNEL}&by=utm_source`, sources: "/sources",
  dashboards: "/dashboards", dashboard: "/dashboards/monday", "dashboard-laid-out": "/dashboards/monday?edit=yes", saved: "/saved", lists: "/lists", catalogue: "/catalogue", "catalogue-fields": "/catalogue?view=fields", quarantine: "/quarantine",
  "source-new": "/sources?add=yes", redirects: "/redirects", keys: "/keys", users: "/users", audit: "/audit", system: "/system", account: "/account",
  audiences: "/audiences", "audience-new": "/audiences?edit=new", audience: "/audiences/buyers", "audience-time": "/audiences/buyers?tab=time", "audience-overlap": "/audiences/buyers?tab=overlap", "audience-rule": "/audiences/buyers?tab=rule", "audience-versions": "/audiences/buyers?tab=versions", "audience-uses": "/audiences/buyers?tab=uses", "audience-change": "/audiences/buyers?edit=yes",
  "computed-traits": "/computed-traits", "computed-trait": "/computed-traits/spent", rules: "/rules", held: "/held", "event-types": "/rules/event-types", "event-type": "/rules/event-types/order", "event-type-uses": "/rules/event-types/order?tab=uses", mappings: "/rules/mappings", mapping: "/rules/mappings/last-sum", "mapping-versions": "/rules/mappings/last-sum?tab=versions", "mapping-new": "/rules/mappings?edit=new",
  validators: "/rules/validators", validator: "/rules/validators/payments", "tracking-plans": "/rules/tracking-plans", "tracking-plan": "/rules/tracking-plans/shop", privacy: "/rules/privacy", "privacy-rule": "/rules/privacy/notes", "consent-types": "/rules/consent-types", "consent-type": "/rules/consent-types/letters", reshapings: "/rules/reshapings", "reshaping-new": "/rules/reshapings?edit=new", functions: "/rules/functions", "function-new": "/rules/functions?edit=new", currencies: "/rules/currencies", "currency-new": "/rules/currencies?edit=new",
  nothing: "/no-such-screen",
};

for (const [scheme, width] of [["light", 1440], ["dark", 360]]) {
  test(`every screen is accessible in ${scheme} and whole at ${width} pixels`, async () => {
    const { page, close } = await openPage(built, { width, scheme });
    await page.goto(`${built.kith.url}/console/`);
    await page.getByLabel("Password").waitFor();
    assert.deepEqual(await barriers(page), [], "signing in");
    await picture(page, `sign-in-${width}`);
    await signIn(built, page);
    const found = {};
    for (const [name, path] of [...Object.entries(SCREENS), ...(await person(built)), ...merged(built.kept)]) {
      await show(built, page, path);
      const wrong = await barriers(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) wrong.push(`${overflow} pixels too wide`);
      if (wrong.length > 0) found[name] = wrong;
      await picture(page, `${name}-${width}`);
    }
    assert.deepEqual(found, {});
    await close();
  });
}

const GONE = {
  "/people/nobody": ["There is no such person.", "They may have been erased, or the id is another installation's."],
  "/lists/nothing": ["There is no such list.", "It may have been removed."],
  "/dashboards/nothing": ["There is no such dashboard.", "It may have been removed."],
  "/audiences/nothing": ["There is no such audience.", "It may have been removed."],
  "/rules/mappings/nothing": ["There is no such rule.", "It may have been removed."],
};

test("what is gone has a page that says so", async () => {
  const { page, close } = await openPage(built, { width: 360 });
  await signIn(built, page);
  for (const [path, words] of Object.entries(GONE)) {
    await show(built, page, path);
    for (const text of words) await page.getByRole("main").getByText(text).first().waitFor();
    const id = path.split("/").at(-1);
    assert.deepEqual([await page.title(), await page.getByRole("heading", { level: 1 }).textContent()], [`${id} · Kith`, id]);
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.deepEqual(await barriers(page), [], path);
  }
  // The browser itself says that an answer was a 404.
  await close(/status of 404/);
});

/** The pages of somebody who has a name. */
async function person(built) {
  const [[id]] = await built.kith.sql("SELECT profile_id FROM events WHERE type = 'sign-up' LIMIT 1");
  return [["person", `/people/${id}`], ["person-traits", `/people/${id}?tab=traits`], ["person-audiences", `/people/${id}?tab=audiences`], ["person-document", `/people/${id}?tab=raw`]];
}

/** The pages of somebody who was merged, and of a list. */
const merged = ({ merged, list }) => [["person-identity", `/people/${merged}?tab=identity`], ["person-consents", `/people/${merged}?tab=consents`], ["person-lists", `/people/${merged}?tab=lists`], ["list", `/lists/${list}`]];
