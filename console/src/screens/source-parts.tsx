// What a source's form asks, part by part: what it is, how far it is believed, what it hears, what is kept of its visitors.

import { useAudiences } from "../api/audiences";
import { type Document, get, type Json, put } from "../questions/places";
import { Fields } from "../rules/fields";
import type { Field } from "../rules/kind";
import { Check, Checks, css, Loading, Problem, Select } from "../ui/basics";
import { sourceForm as words } from "../words/sources";

const AUDIENCES = "profile_view.audiences";
/** Every audience, also those to come: for servers only. */
const EVERY = "*";

export const BASICS: readonly Field[] = [
  { at: "name", as: "text", label: words.name, required: true },
  { at: "id", as: "text", label: words.id, hint: words.idHint, fixed: true },
  { at: "channel", as: "text", label: words.channel, hint: words.channelHint },
  { at: "description", as: "text", label: words.description },
  { at: "allowed_origins", as: "words", label: words.origins, hint: words.originsHint },
  { at: "enabled", as: "check", label: words.enabled, hint: words.enabledHint },
];

export const BELIEF: readonly Field[] = [{ at: "trust", as: "select", label: words.trust, hint: words.trustHint, options: words.trusts, nullable: true }];

const TOLD: readonly Field[] = [
  { at: "profile_view.traits", as: "words", label: words.traits, hint: words.traitsHint, placeholder: "computed.spent" },
  { at: "returns_profile", as: "check", label: words.returnsProfile, hint: words.returnsProfileHint },
];

export const KEPT: readonly Field[] = [
  { at: "locates", as: "check", label: words.locates, hint: words.locatesHint },
  { at: "crawlers", as: "select", label: words.crawlers, hint: words.crawlersHint, options: words.crawlersAre, nullable: true },
  { at: "url_secrets.cut", as: "check", label: words.cuts, hint: words.cutsHint },
  { at: "url_secrets.more", as: "words", label: words.more, hint: words.moreHint },
  { at: "url_secrets.keep", as: "words", label: words.keep, hint: words.keepHint },
  { at: "retention_days", as: "number", label: words.retention, hint: words.retentionHint, min: 0 },
  { at: "transitional", as: "check", label: words.transitional, hint: words.transitionalHint },
];

type Part = { draft: Document; onDraft: (draft: Document) => void };

export const listed = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : []);

/** What each answer tells of the person: audiences by name, and traits. */
export function Heard({ draft, onDraft }: Part) {
  const chosen = listed(get(draft, AUDIENCES));
  const set = (audiences: string[]) => onDraft(put(draft, AUDIENCES, audiences));
  const mayHearAll = draft.trust === "trusted" || chosen.includes(EVERY);
  return (
    <>
      <p className={css.quiet}>{words.answersHint}</p>
      {mayHearAll && <Check hint={words.everyHint} checked={chosen.includes(EVERY)} onChange={(event) => set(event.target.checked ? [EVERY] : [])}>{words.every}</Check>}
      {!chosen.includes(EVERY) && <Named chosen={chosen} onChange={set} />}
      <Fields fields={TOLD} document={draft} isStored={false} onChange={onDraft} />
    </>
  );
}

function Named({ chosen, onChange }: { chosen: string[]; onChange: (audiences: string[]) => void }) {
  const asked = useAudiences();
  if (asked.error) return <Problem error={asked.error} />;
  if (!asked.data) return <Loading />;
  const names = Object.fromEntries(asked.data.value.map((one) => [one.id, one.name]));
  // What the source names stays to be seen, should it be gone.
  const options = [...new Set([...Object.keys(names), ...chosen])];
  if (options.length === 0) return <p className={css.quiet}>{words.noAudiences}</p>;
  return <Checks label={words.audiences} hint={words.audiencesHint} options={options} names={names} value={chosen} onChange={onChange} />;
}

/** Two settings that say one thing: how much of an address is kept. */
export function Addresses({ draft, onDraft }: Part) {
  const kept = !draft.keeps_ip ? "none" : draft.cuts_ip ? "cut" : "whole";
  const set = (much: string) => onDraft({ ...draft, keeps_ip: much !== "none", cuts_ip: much === "cut" });
  return <Select label={words.addresses} hint={words.addressesHint} options={words.addressesAre} value={kept} onChange={(event) => set(event.target.value)} />;
}
