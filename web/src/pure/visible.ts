/** Controls of terminals and of the direction of writing: they move or hide what stands beside them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** The same in JSON, where the lowest may stand as escapes only. */
const IN_JSON = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\\[bfnrtu]/;

/** A text of somebody else's with every control as a sign that can be seen. */
export function visible(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Reads JSON whose texts are to be shown. Nearly no answer holds a control, so each text is looked at only where one does. */
export function parseVisible(json: string): unknown {
  if (!IN_JSON.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_name, value: unknown) => (typeof value === 'string' ? visible(value) : value));
}
