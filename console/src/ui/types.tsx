// A field for an event type: those that were seen lately are suggested.

import { type ComponentProps, useId } from "react";

import { api, held } from "../api/client";
import { useWhen } from "../app/place";
import { useAsked } from "./asked";
import { Field } from "./basics";

export function TypeField(props: ComponentProps<typeof Field>) {
  const id = useId();
  const types = useTypes();
  return (
    <>
      <Field {...props} list={id} />
      <datalist id={id}>{types.map((type) => <option key={type} value={type} />)}</datalist>
    </>
  );
}

function useTypes(): string[] {
  const { params: { from, to } } = useWhen();
  const asked = useAsked(["types", from, to], async (signal) => (await held(api.GET("/api/event-types", { params: { query: { from, to } }, signal }))).result);
  return (asked.data?.value ?? []).map((row) => row.type);
}
