// Before something is removed: what names it.

import { rules as words } from "../words/rules";
import { css } from "./basics";
import { Confirm } from "./confirm";
import { UseLink, useUses } from "./uses";

export function Remove({ kind, id, name, text = words.removeText, ...rest }: { kind: string; id: string; name: string; text?: string; keys: readonly string[]; onConfirm: () => Promise<unknown>; onClose: () => void }) {
  const used = useUses(kind, id).data?.value ?? [];
  return (
    <Confirm title={words.removeTitle(name)} text={text} act={words.remove} first {...rest}>
      {used.length > 0 && <div className={css.note}><strong>{words.usedText}</strong><ul>{used.map((use) => <li key={`${use.kind} ${use.id}`}><UseLink use={use} /></li>)}</ul></div>}
    </Confirm>
  );
}
