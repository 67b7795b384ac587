// Server-sent events, read from the body of an answer: the browser's own reader sends no token.

export type Message = { event: string; data: string };

/** Server-sent events of a body, as they come. */
export async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const field = (name: string) => part.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      if (field("event")) yield { event: field("event"), data: field("data") };
    }
  }
}
