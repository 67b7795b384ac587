// Whether a rule counts.

import type { Document } from "../questions/places";
import { Badge, done } from "../ui/basics";
import { rules as words } from "../words/rules";

/** Switched on, or whole by now. */
export function State({ rule }: { rule: Document }) {
  if (rule.state === "warming") return <Badge tone="warn">◷ {words.warming}{done(rule.progress as { people: number; of: number } | null | undefined)}</Badge>;
  if (rule.state === "live") return <Badge tone="good">✓ {words.live}</Badge>;
  return rule.enabled ? <Badge tone="good">✓ {words.isOn}</Badge> : <Badge>{words.isOff}</Badge>;
}
