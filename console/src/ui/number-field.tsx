// A field for a number, which leaves what is typed alone: `-` and `1e` are on the way to one.

import { type ComponentProps, useState } from "react";

import { type Exact, isSame, number } from "../api/json";
import { Field } from "./basics";

type Props = Omit<ComponentProps<typeof Field>, "value" | "onChange" | "type"> & { value: number | Exact; onNumber: (value: number | Exact) => void };

/** What is none yet is not taken, and keeps the form around it from being sent; nothing is 0. */
export function NumberField({ value, onNumber, ...rest }: Props) {
  const [typed, setTyped] = useState({ text: String(value), value });
  const change = ({ value: text, validity }: HTMLInputElement) => {
    const next = validity.badInput ? value : number(text);
    setTyped({ text, value: next });
    onNumber(next);
  };
  // Another value than was typed comes from elsewhere.
  return <Field {...rest} type="number" value={isSame(typed.value, value) ? typed.text : String(value)} onChange={(event) => change(event.target)} />;
}
