/** What is read besides weights: a model folder's JSON and template, stored runs, and their vectors. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ChatTemplate } from '../../engine/model/chat-template';
import { readModelFolder } from '../../engine/model/folder';
import type { RunEvent } from '../../engine/protocol';
import { encodeEvent, parseRunFile, readStoredRun } from '../../engine/runs/run-file';
import { decodeSafetensors, encodeSafetensors } from '../../engine/runs/safetensors';
import { RunVectors } from '../../engine/runs/vectors';
import { TextStream, Tokenizer } from '../../engine/tokenizer/tokenizer';
import { mutateBytes } from './mutate-bytes';
import { mutateJson } from './mutate-json';
import { mutateTemplate } from './mutate-template';
import type { Random } from './random';
import type { Subject } from './subject';

const JSON_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'tokenizer.json',
] as const;
const TEXT = "Tom has 3 apples; “naïve” 🍎 I'll\tsee  aaaaaaaaaaaaaaaaaaaaaaaab.\n";

/** @param exports folders of exported models, to be copied into `folder` */
export function folderSubjects(folder: string, exports: readonly string[]): Subject[] {
  const copies = exports.map((exported) => {
    const copy = join(folder, `texts-${basename(exported)}`);
    cpSync(exported, copy, { recursive: true });
    return copy;
  });
  const originals = new Map(copies.map((copy) => [copy, readOriginals(copy)]));
  const templates = copies.flatMap((copy) => {
    const { chatTemplate } = readModelFolder(copy, null);
    return chatTemplate === undefined ? [] : [chatTemplate];
  });
  const files = JSON_FILES.map((file, i): Subject => {
    const donors = copies.filter((copy) => originals.get(copy)!.has(file));
    return {
      name: file,
      share: [4, 2, 5, 9][i]!,
      attempt: (random) => {
        const copy = random.pick(donors);
        const original = originals.get(copy)!.get(file)!;
        overwritten(join(copy, file), mutateJson(original.json, random), original.text, () =>
          readTexts(copy),
        );
      },
    };
  });
  const template: Subject = {
    name: 'chat template',
    share: 8,
    attempt: (random) => {
      const path = join(copies[0]!, 'chat_template.jinja');
      const mutant = mutateTemplate(random.pick(templates), random);
      overwritten(path, mutant, templates[0]!, () => readTexts(copies[0]!));
    },
  };
  return [...files, template];
}

function readOriginals(folder: string): Map<string, { text: string; json: unknown }> {
  const found = JSON_FILES.filter((file) => existsSync(join(folder, file)));
  return new Map(
    found.map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return [file, { text, json: JSON.parse(text) as unknown }];
    }),
  );
}

function overwritten(path: string, by: Uint8Array, original: string, work: () => void): void {
  writeFileSync(path, by);
  try {
    work();
  } finally {
    writeFileSync(path, original);
  }
}

/** All that a run does with a model's texts. */
export function readTexts(path: string): void {
  const folder = readModelFolder(path, null);
  const tokenizer = new Tokenizer(folder);
  const template = ChatTemplate.of(folder);
  template?.turnEnd();
  const ids = tokenizer.encode(TEXT, true);
  tokenizer.decode(ids);
  const stream = new TextStream(tokenizer);
  for (const id of ids.slice(0, 20)) {
    tokenizer.text(id);
    tokenizer.isSpecial(id);
    stream.push(id);
  }
  tokenizer.piecesMatching(/^\d+$/);
  const rendered = template?.render([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: TEXT },
  ]);
  if (rendered !== undefined) tokenizer.encode(rendered, false);
}

/** @param events of a whole run */
export function runSubjects(events: readonly RunEvent[]): Subject[] {
  const lines = events.map(encodeEvent);
  const vectors = encodeSafetensors([
    { name: 'slot.delta', shape: [2, 3], rows: [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)] },
    { name: 'slot.shift', shape: [4], rows: [Float32Array.of(1, 2, 3, 4)] },
  ]);
  return [
    {
      name: 'stored run',
      share: 3,
      attempt: (random) => {
        const texts = new TextDecoder().decode(mutateRun(lines, random)).split('\n');
        const stored = texts.map((text, i) => ({ number: i + 1, text, isCut: i === texts.length - 1 }));
        Array.from(readStoredRun(stored));
      },
    },
    {
      name: 'imported run',
      share: 3,
      attempt: async (random) => {
        await parseRunFile(new TextDecoder().decode(mutateRun(lines, random)));
      },
    },
    {
      name: 'vectors',
      share: 6,
      attempt: (random) => {
        RunVectors.fromTensors(decodeSafetensors(mutateSafetensors(vectors, random)));
      },
    },
  ];
}

function mutateRun(lines: readonly string[], random: Random): Uint8Array {
  const mutant = [...lines];
  const at = random.below(lines.length);
  switch (random.below(4)) {
    case 0:
      mutant.splice(at, 1);
      break;
    case 1:
      mutant.splice(at, 0, random.pick(lines));
      break;
    default: {
      const changed = mutateJson(JSON.parse(lines[at]!), random);
      mutant[at] = `${new TextDecoder().decode(changed)}\n`;
    }
  }
  const bytes = new TextEncoder().encode(mutant.join(''));
  return random.chance(0.2) ? mutateBytes(bytes, random) : bytes;
}

/** The header as JSON, or any byte. */
export function mutateSafetensors(file: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.4)) return mutateBytes(file, random);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = mutateJson(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))), random);
  const start = new Uint8Array(8);
  const said = random.chance(0.8) ? BigInt(header.length) : random.pick([0n, 2n ** 32n, 2n ** 63n]);
  new DataView(start.buffer).setBigUint64(0, said, true);
  return Buffer.concat([start, header, file.subarray(8 + length)]);
}
