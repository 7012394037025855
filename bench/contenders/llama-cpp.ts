/** llama.cpp's own server over a GGUF file, where a Python has xllamacpp: what most people run such files with. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Answered, Request, Side, SideOptions } from './side';

const SCRIPT = fileURLToPath(new URL('./llama_server.py', import.meta.url));
const python = process.env.PYTHON ?? 'python3';

/** By its own clock. */
const Timings = z.object({
  timings: z.object({ prompt_ms: z.number(), predicted_ms: z.number(), predicted_n: z.number() }),
});

export function hasLlamaCpp(): boolean {
  return spawnSync(python, ['-c', 'import xllamacpp']).status === 0;
}

export function llamaCpp({ folder: file }: SideOptions): Side {
  let server: ChildProcess | undefined;
  let address = '';

  return {
    async load() {
      // It ends with its standard input, and so with this process.
      server = spawn(python, [SCRIPT, file, `${availableParallelism()}`], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const ended = once(server, 'exit').then(() => Promise.reject(new Error('llama.cpp ended')));
      ended.catch(() => {});
      const [line] = (await Promise.race([once(server.stdout!, 'data'), ended])) as [Buffer];
      address = line.toString().trim();
    },

    async answer({ prompt, newTokens }: Request): Promise<Answered> {
      const response = await fetch(`${address}/completion`, {
        method: 'POST',
        body: JSON.stringify({
          prompt,
          n_predict: newTokens,
          ignore_eos: true,
          temperature: 0,
          cache_prompt: false,
        }),
      });
      const { timings } = Timings.parse(await response.json());
      const each = timings.predicted_ms / timings.predicted_n;
      const tokens = Array.from({ length: newTokens }, (_, i) => timings.prompt_ms + i * each);
      return { tokens, prefill: timings.prompt_ms, slot: 0, steps: [] };
    },
  };
}
