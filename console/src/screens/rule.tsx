// One rule: its form and its text, what it would do, every version of it, and who names it.

import { useState } from "react";

import type { Reading } from "../api/client";
import { useMove } from "../app/place";
import { Link, useAddress, useGo, useParams, useSearch } from "../app/router";
import { NotFound } from "../app/shell";
import { useMayConfigure } from "../app/using";
import type { Document } from "../questions/places";
import { DEPENDS, one, remove, useRule } from "../rules/asked";
import { type Kind, posted } from "../rules/kind";
import { kindAt } from "../rules/kinds";
import { State } from "../rules/state";
import { Button, Choice, css, Gone, Page } from "../ui/basics";
import { Edited, useDraft } from "../ui/edited";
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
  return <Edited read={(signal) => one(kind, id, signal)} gone={<Gone id={id} title={words.notMade} hint={words.gone} />}>{(reading) => <Known kind={kind} reading={reading} />}</Edited>;
}

/** What stands around the form is as it is now; the form is of the version that it was begun from. */
function Known({ kind, reading }: { kind: Kind; reading: Reading<Document> }) {
  const now = useRule(kind, String(reading.document.id)).data?.value;
  return <Edit kind={kind} reading={reading} rule={now ?? reading.document} />;
}

/** A rule that is stored, or a new one, which begins with what is said. */
export function Edit({ kind, reading, rule, begun = kind.blank }: { kind: Kind; reading?: Reading<Document>; rule?: Document; begun?: Document }) {
  const id = String(rule?.id ?? "");
  const { draft, tag, setDraft, setTag } = useDraft(`${kind.path}/${id}`, reading, (was) => (was ? posted(kind.fields, was) : begun));
  // Another form for what was not typed into this one.
  const [round, setRound] = useState(0);
  const [isRemoving, setRemoving] = useState(false);
  const { tab = "rule" } = useSearch<{ tab?: Tab }>();
  const move = useMove();
  const mayChange = useMayConfigure();
  const go = useGo();
  const stored = (own: { id: string; tag: string }) => (rule ? setTag(own.tag) : go({ to: `${kind.path}/$id`, params: { id: own.id } }, true));
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
          <RuleForm key={round} kind={kind} draft={draft} tag={tag} onDraft={setDraft} onStored={stored} />
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
