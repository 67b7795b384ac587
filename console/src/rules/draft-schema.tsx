// A schema drafted from what was seen: what the properties of events of a type have been so far.

import { useEffect } from "react";

import { raw } from "../api/client";
import { answered } from "../api/json";
import { useMove, useSearch } from "../app/router";
import { type Document, get, put } from "../questions/places";
import { Button, Card, css, Problem } from "../ui/basics";
import { useChange } from "../ui/confirm";
import { kinds } from "../words/rules";
import { named } from "./kind";

const words = kinds.validators;
const SCHEMAS = "validation.json_schema";

async function drafted(type: string, source: string): Promise<Document> {
  const query = new URLSearchParams({ type, ...(source ? { source } : {}) });
  return ((await answered(await raw(`/api/schema/draft?${query}`))) as { schema: Document }).schema;
}

export function DraftSchema({ rule, onDraft }: { rule: Document; onDraft: (rule: Document) => void }) {
  const type = named(rule.event_type);
  const take = useChange(async () => {
    const schemas = (get(rule, SCHEMAS) ?? {}) as Document;
    onDraft(put(rule, SCHEMAS, { ...schemas, "event@properties": await drafted(type, named(rule.event_source)) }));
  }, []);
  const isWanted = useSearch<{ draft?: string }>().draft !== undefined;
  const move = useMove();
  // Whoever comes from a change of the Catalogue has asked for it there; it is done once.
  useEffect(() => {
    if (isWanted && type) (move({ draft: undefined }, true), take.mutate(undefined));
  }, [isWanted, type, move, take]);
  return (
    <Card title={words.draft}>
      <div className={css.stack}>
        <p className={css.quiet}>{words.draftAbout}</p>
        {take.error && <Problem error={take.error} />}
        <div><Button disabled={!type || take.isPending} onClick={() => take.mutate(undefined)}>{words.takeDraft}</Button></div>
      </div>
    </Card>
  );
}
