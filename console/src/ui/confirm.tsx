// A change, and what may come of it: it is done, or it was refused and says why.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useIsHere } from "../app/here";
import { Button, css, Dialog, Problem } from "./basics";

/** Does something and then asks anew what depends on it; `exact`: only lists, since the one itself is gone. `done`: for whoever has not left meanwhile. */
export function useChange<T, R>(change: (value: T) => Promise<R>, keys: readonly string[], done?: () => void, exact = false) {
  const queries = useQueryClient();
  const isHere = useIsHere();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      const hasStayed = isHere();
      await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key], exact })));
      if (hasStayed) done?.();
    },
  });
}

type Props = { title: string; text: string; act: string; onConfirm: () => Promise<unknown>; onClose: () => void; keys: readonly string[]; exact?: boolean; /** The button has the focus. */ first?: boolean; children?: ReactNode };

/** Asks before something is done that cannot be taken back; `children`: what there is to know before. */
export function Confirm({ title, text, act, onConfirm, onClose, keys, exact = false, first, children }: Props) {
  const change = useChange(onConfirm, keys, onClose, exact);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {children}
      {change.error && <Problem error={change.error} />}
      <div className={css.dialogFoot}><Button kind="danger" data-first={first || undefined} disabled={change.isPending} onClick={() => change.mutate(undefined as never)}>{act}</Button></div>
    </Dialog>
  );
}
