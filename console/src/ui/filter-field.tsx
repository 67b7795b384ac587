// A filter: written, or put together in a window of conditions.

import { type ComponentProps, lazy, Suspense, useState } from "react";

import { understand as words } from "../words/understand";
import { Button, css, Field } from "./basics";

const Builder = lazy(() => import("./filter-builder"));

type Props = Omit<ComponentProps<typeof Field>, "value" | "onChange"> & { value: string; onText: (text: string) => void; /** Whose fields a rule names: `event` in `event@type`. */ root?: string };

export function FilterField({ value, onText, root = "", ...rest }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={css.besides}>
      <Field {...rest} value={value} onChange={(event) => onText(event.target.value)} />
      <Button aria-label={words.build} title={words.build} onClick={() => setOpen(true)}>⊕</Button>
      {isOpen && <Suspense><Builder label={rest.label} text={value} root={root} onDone={onText} onClose={() => setOpen(false)} /></Suspense>}
    </div>
  );
}
