/** The bench's handle on a side in a process of its own, whose private memory it watches from outside. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { privateMemory } from '../measure';
import type { Call, Reply, SideName } from './process';
import type { Answered, Request, SideOptions } from './side';

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
const SAMPLE_EVERY_MS = 10;

export interface Loaded {
  readonly ms: number;
  /** MiB that loading added: while it ran, and when it was done. */
  readonly peak: number;
  readonly after: number;
}

export class Contender {
  /** The highest private memory of the last call, MiB. */
  peak = 0;

  private constructor(private readonly child: ChildProcess) {}

  /** With the runtime's code loaded, but no model. */
  static async start(name: SideName, options: SideOptions): Promise<Contender> {
    const child = fork(ENTRY, [name, JSON.stringify(options)], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    return new Contender(child);
  }

  get memory(): number {
    return privateMemory(this.child.pid!) ?? Number.NaN;
  }

  async load(): Promise<Loaded> {
    const before = this.memory;
    const { ms } = await this.call({ method: 'load' });
    return { ms, peak: this.peak - before, after: this.memory - before };
  }

  async answer(request: Request): Promise<Answered> {
    const { result } = await this.call({ method: 'answer', request });
    const answered = result as Answered;
    const expected = request.newTokens * request.lanes.length;
    if (answered.tokens.length === expected) return answered;
    throw new Error(`${answered.tokens.length} tokens came instead of ${expected}`);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private async call(call: Call): Promise<Extract<Reply, { ok: true }>> {
    this.peak = 0;
    const sample = () => {
      this.peak = Math.max(this.peak, this.memory);
    };
    const timer = setInterval(sample, SAMPLE_EVERY_MS);
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const ended = once(this.child, 'exit', { signal }).then(([code]) => {
        throw new Error(`the process ended with ${code}`);
      });
      const answered = once(this.child, 'message', { signal });
      ended.catch(() => {});
      answered.catch(() => {});
      this.child.send(call);
      const [reply] = (await Promise.race([answered, ended])) as [Reply];
      if (!reply.ok) throw new Error(reply.message);
      return reply;
    } finally {
      settled.abort();
      clearInterval(timer);
      sample();
    }
  }
}
