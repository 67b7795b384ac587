// One rule: its form and its text, what it would do, every version of it, and who names it.

import { useState } from "react";

import { useMove } from "../app/place";
import { go, Link, useAddress, useParams, useSearch } from "../app/router";
import { NotFound } from "../app/shell";
import { useMayConfigure } from "../app/using";
import type { Document } from "../questions/places";
import { DEPENDS, remove, useRules } from "../rules/asked";
import { type Kind, posted } from "../rules/kind";
import { kindAt } from "../rules/kinds";
import { State } from "../rules/state";
import { Button, Choice, css, Gone, Page } from "../ui/basics";
import { Shown } from "../ui/asked";
import { Remove } from "../ui/remove";
import { Uses } from "../ui/uses";
import { Versions } from "../ui/versions";
import { rules as words, usage, versions } from "../words/rules";
import { RuleForm } from "./rule-form";
import { Try } from "./rule-try";

type Tab = "rule" | "versions" | "uses";

export default function Rule() {
  const kind = kindAt(useAddress().path);
  return kind ? <Stored kind={kind} /> : <NotFound />;
}

function Stored({ kind }: { kind: Kind }) {
  const { id = "" } = useParams();
  const asked = useRules(kind);
  return (
    <Shown asked={asked}>
      {(all) => {
        const rule = all.find((one) => one.id === id);
        return rule ? <Edit kind={kind} rule={rule} /> : <Gone id={id} title={words.notMade} hint={words.gone} />;
      }}
    </Shown>
  );
}

/** A rule that is stored, or a new one, which begins with what is said. */
export function Edit({ kind, rule, begun = kind.blank }: { kind: Kind; rule?: Document; begun?: Document }) {
  const [draft, setDraft] = useState<Document>(rule ? posted(kind.fields, rule) : begun);
  // What the draft was begun from: whoever has changed it since is not overwritten.
  const [base, setBase] = useState(rule ? Number(rule.version) : undefined);
  // Another form for what was not typed into this one.
  const [round, setRound] = useState(0);
  const [isRemoving, setRemoving] = useState(false);
  const { tab = "rule" } = useSearch<{ tab?: Tab }>();
  const move = useMove();
  const mayChange = useMayConfigure();
  const id = String(rule?.id ?? "");
  const stored = (own: { id: string; version: number }) => (rule ? setBase(own.version) : go({ to: `${kind.path}/$id`, params: { id: own.id } }, true));
  const away = async () => {
    await remove(kind, id);
    go({ to: kind.path });
  };
  const actions = <div className={css.row}><Link className={css.button} to={kind.path}>{words.back}</Link>{rule && mayChange && <Button kind="danger" onClick={() => setRemoving(true)}>{words.remove}</Button>}</div>;
  return (
    <Page title={rule ? String(rule.name || id) : kind.add} about={rule ? <span className={css.inline}>{kind.title} · {words.version} {String(rule.version)} <State rule={rule} /></span> : kind.about} actions={actions}>
      {rule && <Choice label={words.view} value={tab} options={[["rule", words.rule], ["versions", versions.title], ["uses", usage.title]]} onChange={(chosen) => move({ tab: chosen === "rule" ? undefined : chosen })} />}
      {tab === "rule" && (
        <div className={css.halves}>
          <RuleForm key={round} kind={kind} draft={draft} base={base} onDraft={setDraft} onStored={stored} />
          <div className={css.stack}>
            {kind.tried && mayChange && <Try kind={kind} draft={draft} />}
            {kind.aside && <kind.aside rule={draft} onDraft={(next) => (setDraft(next), setRound(round + 1))} />}
          </div>
        </div>
      )}
      {tab === "versions" && <Versions kind={kind.logged} id={id} />}
      {tab === "uses" && <Uses kind={kind.name} id={id} />}
      {isRemoving && <Remove kind={kind.name} id={id} name={String(rule?.name || id)} keys={DEPENDS} onConfirm={away} onClose={() => setRemoving(false)} />}
    </Page>
  );
}
