// A list of texts as it is typed: one a line. Free of React.

/** What the lines say. With commas between are those that hold none themselves; of what stood there before, each stays as it was. */
export function ofLines(text: string, before: readonly string[], isByLine = false): string[] {
  const each = (line: string) => (isByLine || before.includes(line) ? [line] : line.split(","));
  return text.split("\n").map((line) => line.trim()).flatMap(each).map((one) => one.trim()).filter(Boolean);
}
