// Several statements in one text: which of them the cursor is in. Free of React.

/** Where the statements of a text begin and end: at semicolons outside of quotes and comments. */
export function statements(text: string): [number, number][] {
  const found: [number, number][] = [];
  // Quoted texts, quoted names, dollar quotes, comments, and what parts statements.
  const token = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$\$[\s\S]*?(?:\$\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g;
  let from = 0;
  for (const { 0: said, index } of text.matchAll(token)) {
    if (said !== ";") continue;
    found.push([from, index]);
    from = index + 1;
  }
  found.push([from, text.length]);
  return found.filter(([begin, end]) => text.slice(begin, end).trim());
}

/** The statement at a place; between two of them the one before, and the first before all. */
export function statementAt(text: string, place: number): string {
  const all = statements(text);
  const own = all.filter(([begin]) => begin <= place).at(-1) ?? all[0];
  return own ? text.slice(own[0], own[1]).trim() : "";
}
