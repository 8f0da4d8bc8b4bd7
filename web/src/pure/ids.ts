/** A list of ids as text, for addresses: commas part it, and a backslash stands before one that belongs to an id. */
export function joinIds(ids: readonly string[]): string {
  return ids.map((id) => id.replace(/[\\,]/g, '\\$&')).join(',');
}

export function splitIds(text: string): string[] {
  const ids = text.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return ids.map((id) => id.replace(/\\(.)/gs, '$1'));
}
