/** llama.cpp's own server, where Python has xllamacpp (`pip install xllamacpp`): named by SLOT_STUDIO_PYTHON, else python3. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const PYTHON = process.env.SLOT_STUDIO_PYTHON ?? 'python3';

export const HAS_LLAMA = spawnSync(PYTHON, ['-c', 'import xllamacpp']).status === 0;
if (!HAS_LLAMA)
  console.warn(
    `skipped: tests on llama.cpp's server, since ${PYTHON} has no xllamacpp (pip install xllamacpp)`,
  );

interface LlamaOptions {
  readonly n_ctx?: number;
  readonly n_parallel?: number;
  readonly n_ubatch?: number;
  readonly embedding?: boolean;
  readonly key?: string;
  readonly port?: number;
}

export class Llama {
  private constructor(
    readonly address: string,
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
  ) {}

  static async start(file: string, options: LlamaOptions = {}): Promise<Llama> {
    const args = [join(import.meta.dirname, 'serve.py'), file, JSON.stringify(options)];
    const child = spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface(child.stdout);
    for await (const line of lines) if (/^http:\S+$/.test(line)) return new Llama(line, child);
    throw new Error('llama.cpp’s server did not start');
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  /** Killed, as by the system. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
