/** Texts that end an answer, looked for as it grows. */
export class StopTexts {
  /** What they are looked for in; not kept where there are none. */
  private written = '';

  constructor(private readonly stops: readonly string[] | undefined) {}

  /**
   * @param text of the next token
   * @returns what is written before the first of the texts that this token completes, if it completes one
   */
  push(text: string): string | undefined {
    if (!this.stops) return undefined;
    const before = this.written.length;
    this.written += text;
    const found = this.stops
      .map((stop) => this.written.indexOf(stop, before - stop.length + 1))
      .filter((at) => at >= 0);
    return found.length > 0 ? this.written.slice(0, Math.min(...found)) : undefined;
  }
}
