/** Puts the end of an engine process into one sentence for the user. */

export function launchFailure(detail: string): string {
  return `The engine process could not start${detail === '' ? '.' : `: ${detail}`}`;
}

/** `signal` where the system tells it; `stderr`, as much as was kept of it. */
export function exitDetail(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  if (signal === 'SIGKILL')
    return 'The engine process was killed (SIGKILL): often the machine ran out of memory.';
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const why = lastError(stderr);
  return `The engine process ended ${how}${why === '' ? '.' : `: ${why}`}`;
}

/** The line of a crash report that names the error; never its stack. */
export function lastError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => /^(\w*Error|FATAL ERROR|terminate called)\b/.test(line)) ?? '';
}

/** Keeps the end of what a process wrote: a crash leaves its reason there. */
export class OutputTail {
  text = '';

  constructor(stream: NodeJS.ReadableStream | null | undefined, limit = 4096) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      this.text = (this.text + chunk).slice(-limit);
    });
  }
}
