// Before something is removed: what names it.

import { rules as words } from "../words/rules";
import { Button, css, Dialog, Problem } from "./basics";
import { useChange } from "./confirm";
import { UseLink, useUses } from "./uses";

export function Remove({ kind, id, name, text = words.removeText, keys, onConfirm, onClose }: { kind: string; id: string; name: string; text?: string; keys: readonly string[]; onConfirm: () => Promise<unknown>; onClose: () => void }) {
  const change = useChange(onConfirm, keys, onClose);
  const used = useUses(kind, id).data?.value ?? [];
  return (
    <Dialog title={words.removeTitle(name)} onClose={onClose}>
      <p>{text}</p>
      {used.length > 0 && <div className={css.note}><strong>{words.usedText}</strong><ul>{used.map((use) => <li key={`${use.kind} ${use.id}`}><UseLink use={use} /></li>)}</ul></div>}
      {change.error && <Problem error={change.error} />}
      <div className={css.dialogFoot}><Button kind="danger" data-first disabled={change.isPending} onClick={() => change.mutate(undefined as never)}>{words.remove}</Button></div>
    </Dialog>
  );
}
