// What is measured by itself: views, links, clicks, forms, scrolling, time, errors; and what the page triggers.
import type { Lent } from "../parts.js";
import { measureErrors } from "./errors.js";
import { measureForms } from "./forms.js";
import { measureClicks } from "./clicks.js";
import { bindTriggers } from "./triggers.js";
import { measureViews } from "./views.js";

export default function start(lent: Lent): void {
  const { setup, kith, attempt } = lent;
  setup.auto ??= {};
  attempt(() => bindTriggers(setup.triggers, kith.track));
  for (const measure of [measureViews, measureClicks, measureForms, measureErrors]) {
    attempt(() => measure(lent));
  }
}
