// What is typed in a window and not stored: whoever closes the window by chance is asked first.

import { type KeyboardEvent, type RefObject, type SyntheticEvent, useRef, useState } from "react";

/** Whether there is any: in a form that is still there, and was not sent since, or was refused. `hears` is for the window's element. */
export function useUnsaved(element: RefObject<HTMLDialogElement | null>) {
  const typed = useRef<{ form: Element; field: EventTarget | undefined; sent: boolean } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const ask = (begins: boolean) => {
    setAsking(begins);
    const field = typed.current?.field;
    if (!begins && field instanceof HTMLElement) field.focus();
  };
  const isUnsaved = () => !!typed.current?.form.isConnected && (!typed.current.sent || !!typed.current.form.querySelector("[role=alert]"));
  /** Asks, or goes on where it was asked already; false where there is nothing to ask. */
  const asks = () => isUnsaved() && (ask(!isAsking), true);
  /** Not in a window that stands over this one. */
  const isOwn = ({ target }: SyntheticEvent) => target instanceof Element && target.closest("dialog") === element.current;
  const heard = (event: SyntheticEvent, sent: boolean) => {
    const form = isOwn(event) && (event.target as Element).closest("form");
    if (form) typed.current = { form, field: sent ? typed.current?.field : event.target, sent };
  };
  return {
    isAsking, asks, goOn: () => ask(false),
    hears: {
      onInput: (event: SyntheticEvent) => heard(event, false),
      onSubmit: (event: SyntheticEvent) => heard(event, true),
      // Browsers close at a second Escape whatever is said of it, unless the key itself was taken.
      onKeyDown: (press: KeyboardEvent) => press.key === "Escape" && !press.defaultPrevented && isOwn(press) && asks() && press.preventDefault(),
      onCancel: (event: SyntheticEvent) => event.target === element.current && asks() && event.preventDefault(),
    },
  };
}
