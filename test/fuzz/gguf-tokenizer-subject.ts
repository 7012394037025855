/** Tokenizers from a GGUF's metadata, of every kind: what it says is changed value by value. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ggufTokenizer } from '../../engine/checkpoint/gguf/tokenizer';
import { badInput } from '../../engine/protocol';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { mutateJson } from './mutate-json';
import type { Subject } from './subject';

const TEXT = 'Tom has 3 apples, ▁ and  <s>5 more.\n\t数学 é';
const Values = z.record(z.string(), z.unknown());

export function ggufTokenizerSubject(): Subject {
  const tokenizers = ['byte-level', 'pieces-llama', 'pieces-gemma', 'pieces-phi3'].map(metadataOf);
  return {
    name: "gguf's tokenizer",
    share: 4,
    attempt: (random) => {
      const metadata = valuesOf(mutateJson(random.pick(tokenizers), random));
      const tokenizer = new Tokenizer({ path: 'x', tokenizer: ggufTokenizer(metadata, 'x').tokenizer });
      const ids = tokenizer.encode(TEXT, true);
      tokenizer.decode(ids);
      for (const id of ids) tokenizer.text(id);
    },
  };
}

/** With the flags that few files have. */
function metadataOf(name: string): unknown {
  const path = join(import.meta.dirname, `../fixtures/gguf-tokenizers/${name}.json`);
  const { metadata } = z.object({ metadata: Values }).parse(JSON.parse(readFileSync(path, 'utf8')));
  return { ...metadata, 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_eos_token': true };
}

function valuesOf(mutant: Uint8Array): Map<string, unknown> {
  try {
    return new Map(Object.entries(Values.parse(JSON.parse(new TextDecoder().decode(mutant)))));
  } catch {
    throw badInput('malformed-json', 'no metadata');
  }
}
