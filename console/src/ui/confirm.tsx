// A change, and what may come of it: it is done, or it was refused and says why.

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Button, css, Dialog, Problem } from "./basics";

/** Does something and then asks anew what depends on it; `exact`: only lists, since the one itself is gone. */
export function useChange<T>(change: (value: T) => Promise<unknown>, keys: readonly string[], done?: () => void, exact = false) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key], exact })));
      done?.();
    },
  });
}

export function Confirm({ title, text, act, onConfirm, onClose, keys, exact = false }: { title: string; text: string; act: string; onConfirm: () => Promise<unknown>; onClose: () => void; keys: readonly string[]; exact?: boolean }) {
  const change = useChange(onConfirm, keys, onClose, exact);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {change.error && <Problem error={change.error} />}
      <div className={css.dialogFoot}><Button kind="danger" disabled={change.isPending} onClick={() => change.mutate(undefined as never)}>{act}</Button></div>
    </Dialog>
  );
}
