/** Child process of the bench: one side with one model, so that its memory is its own. */
import { llamaCpp } from './llama-cpp';
import { ours } from './ours';
import type { Request, Side, SideOptions } from './side';
import { transformersJs } from './transformers-js';

export type SideName = 'ours' | 'transformers.js' | 'llama.cpp';
export type Call = { readonly method: 'load' } | { readonly method: 'answer'; readonly request: Request };
export type Reply =
  | { readonly ok: true; readonly ms: number; readonly result: unknown }
  | { readonly ok: false; readonly message: string };

const [name, options] = process.argv.slice(2);
const SIDES: Readonly<Record<SideName, (options: SideOptions) => Side>> = {
  ours,
  'transformers.js': transformersJs,
  'llama.cpp': llamaCpp,
};
const side = SIDES[name as SideName](JSON.parse(options ?? '') as SideOptions);
const reply = (message: Reply) => process.send?.(message);

process.on('message', (call: Call) => {
  const started = performance.now();
  const result = call.method === 'load' ? side.load() : side.answer(call.request);
  result.then(
    (value) => reply({ ok: true, ms: performance.now() - started, result: value ?? null }),
    (thrown: unknown) =>
      reply({ ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});
process.on('disconnect', () => process.exit());
reply({ ok: true, ms: 0, result: null });
