/** transformers.js on the same runtime, through its own pipeline: what a JavaScript developer would otherwise use. */
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { env, pipeline, type TextGenerationPipeline, TextStreamer } from '@huggingface/transformers';
import type { Answered, Request, Side, SideOptions } from './side';

export function transformersJs({ folder, dtype }: SideOptions): Side {
  env.allowRemoteModels = false;
  env.localModelPath = `${dirname(folder)}/`;
  let generate: TextGenerationPipeline;

  return {
    async load() {
      generate = await pipeline('text-generation', basename(folder), {
        device: 'cpu',
        dtype: dtype as 'fp32' | 'q4',
        session_options: { intraOpNumThreads: availableParallelism() },
      });
    },

    async answer({ prompt, newTokens }: Request): Promise<Answered> {
      const tokens: number[] = [];
      const started = performance.now();
      const streamer = new TextStreamer(generate.tokenizer, {
        skip_prompt: true,
        callback_function: () => {},
        token_callback_function: () => tokens.push(performance.now() - started),
      });
      const length = { max_new_tokens: newTokens, min_new_tokens: newTokens };
      await generate(prompt, { ...length, do_sample: false, streamer });
      return { tokens, prefill: 0, slot: 0, steps: [] };
    },
  };
}
