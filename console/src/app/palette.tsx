// The palette: type what you look for, and Enter leads there.

import { go } from "./router";
import { type KeyboardEvent, useId, useState } from "react";

import { Dialog, css as ui } from "../ui/basics";
import { palette as words } from "../words/en";
import { SCREENS } from "./menu";
import css from "./shell.module.css";
import { useOpens } from "./using";

type Option = { name: string; about: string; go: () => void };

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const options = useOptions(text.trim());
  const chosen = options[Math.min(at, options.length - 1)];
  const go = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.go();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((at + step + options.length) % options.length);
    } else if (event.key === "Enter") go(chosen);
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className={css.palette}>
        <input className={ui.input} autoFocus role="combobox" aria-expanded="true" aria-controls={`${id}-options`} aria-activedescendant={`${id}-${options.indexOf(chosen as Option)}`} aria-label={words.label} placeholder={words.label} value={text} onKeyDown={pressed} onChange={(event) => (setText(event.target.value), setAt(0))} />
        <div role="listbox" id={`${id}-options`} aria-label={words.found} className={css.options}>
          {options.map((option, index) => (
            <div key={option.name} role="option" id={`${id}-${index}`} aria-selected={option === chosen} onClick={() => go(option)} onPointerMove={() => setAt(index)}>
              <span>{option.name}</span><span className={ui.quiet}>{option.about}</span>
            </div>
          ))}
        </div>
      </div>
    </Dialog>
  );
}

/** Screens of this name, and where a text that is none of them could lead. */
function useOptions(text: string): Option[] {
  const opens = useOpens();
  const low = text.toLowerCase();
  const screens = SCREENS.filter((screen) => opens(screen) && screen.name.toLowerCase().includes(low));
  const found: Option[] = screens.map(({ name, path }) => ({ name, about: words.screen, go: () => go({ to: path }) }));
  if (!text) return found;
  const person = { name: words.person(text), about: words.people, go: () => go({ to: "/people", search: { q: text } }) };
  const events = { name: words.type(text), about: words.events, go: () => go({ to: "/events", search: { type: text } }) };
  return [...found, person, events];
}
