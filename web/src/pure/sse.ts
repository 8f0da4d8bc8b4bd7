/** An event of a stream of server-sent events. */
export interface ServerEvent {
  name: string;
  data: string;
}

/**
 * Reads such a stream as it comes, cut anywhere (HTML Standard, section 9.2.6): lines end with CR, LF or both, an empty
 * line ends an event, what begins with a colon is a remark, an event without data is none but its id counts.
 */
export class EventReader {
  /** Of the last event: who asks with it goes on behind that. Empty: none was told. */
  lastId: string;
  /** How long to wait before asking again, ms, as the server wishes. */
  retryMs: number | null = null;
  #rest = '';
  #name = '';
  #data: string[] = [];
  #id: string;

  constructor(lastId = '') {
    this.lastId = lastId;
    this.#id = lastId;
  }

  /** The events that a piece of the stream completes. */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') this.#end(events);
      else this.#take(line);
    }
    return events;
  }

  #end(events: ServerEvent[]): void {
    this.lastId = this.#id;
    if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n') });
    this.#name = '';
    this.#data = [];
  }

  #take(line: string): void {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'event') this.#name = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
