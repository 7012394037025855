/**
 * Runs, or an evaluation, as one page that opens from disk: the built viewer, with what it shows as data blocks. Base64 of gzip holds no sign of
 * HTML, so that no text of a run can end the block that it is in.
 */
import { z } from 'zod';
import {
  EVALUATION_METHODS,
  EvaluationOptions,
  EXPORT_FORMATS,
  MAX_EVALUATION_LANES,
  RunEvent,
  RunSummary,
} from '../../engine/protocol';

/** Where the built viewer says that its data belongs. */
export const DATA_PLACE = '<!--slot-studio-data-->';
const CONTENT_BLOCK = 'slot-studio-content';
const VECTORS_BLOCK = 'slot-studio-vectors';

/** The most that a page's data may come to, in bytes, once unpacked. */
const MAX_BYTES = 2 ** 29;

/** More problems are left out of a page: their table and charts are there all the same. */
export const MAX_PAGE_PROBLEMS = 2_000;

const { result: Summary } = EVALUATION_METHODS['evaluations.summary'];
const { result: Matrix } = EVALUATION_METHODS['evaluations.matrix'];
const { result: AskedProblem } = EVALUATION_METHODS['evaluations.problem'];
const { result: Figure } = EVALUATION_METHODS['evaluations.figure'];

const PageEvaluation = z.strictObject({
  kind: z.literal('evaluation'),
  ...Summary.shape,
  matrix: Matrix,
  options: EvaluationOptions,
  /** By the problem's name. */
  problems: z.array(AskedProblem).max(MAX_PAGE_PROBLEMS),
  /** By lane. */
  figures: z.array(z.tuple([z.string(), Figure])).max(MAX_EVALUATION_LANES),
  exports: z.record(z.enum(EXPORT_FORMATS), z.string()),
});
export type PageEvaluation = z.infer<typeof PageEvaluation>;

/** The second run is what the first is compared with. */
const PageRuns = z.strictObject({
  kind: z.literal('runs'),
  runs: z
    .array(z.strictObject({ summary: RunSummary, events: z.array(RunEvent) }))
    .min(1)
    .max(2),
});

const Content = z.strictObject({
  v: z.literal(1),
  content: z.discriminatedUnion('kind', [PageRuns, PageEvaluation]),
});

export interface PageRun {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** The run's safetensors file; null where the whole vocabulary is left out. */
  readonly vectors: Uint8Array | null;
}

export type PageContent = PageEvaluation | { readonly kind: 'runs'; readonly runs: readonly PageRun[] };

/** @param viewer the built page without data */
export async function writePage(viewer: string, content: PageContent): Promise<Blob> {
  const [head, tail, ...rest] = viewer.split(DATA_PLACE);
  if (head === undefined || tail === undefined || rest.length > 0)
    throw new Error('the viewer has no place for data');
  const written = content.kind === 'evaluation' ? content : withoutVectors(content.runs);
  const data: z.input<typeof Content> = { v: 1, content: written };
  const blocks = [block(CONTENT_BLOCK, await pack(new TextEncoder().encode(JSON.stringify(data))))];
  for (const [i, { vectors }] of (content.kind === 'runs' ? content.runs : []).entries())
    if (vectors) blocks.push(block(`${VECTORS_BLOCK}-${i}`, await pack(vectors)));
  return new Blob([head, ...blocks, tail], { type: 'text/html;charset=utf-8' });
}

function withoutVectors(runs: readonly PageRun[]): z.input<typeof PageRuns> {
  return { kind: 'runs', runs: runs.map(({ summary, events }) => ({ summary, events: [...events] })) };
}

/** @throws Error in words for a page whose data is missing or damaged */
export async function readPage(page: Pick<Document, 'getElementById'>): Promise<PageContent> {
  try {
    const text = new TextDecoder().decode(await unpack(contentOf(page, CONTENT_BLOCK) ?? ''));
    const { content } = Content.parse(JSON.parse(text));
    if (content.kind === 'evaluation') return content;
    const runs = content.runs.map(async (run, i) => {
      const packed = contentOf(page, `${VECTORS_BLOCK}-${i}`);
      return { ...run, vectors: packed === null ? null : await unpack(packed) };
    });
    return { kind: 'runs', runs: await Promise.all(runs) };
  } catch (cause) {
    throw new Error('This page is damaged: it cannot be read. Ask for it to be exported again.', { cause });
  }
}

function block(id: string, content: string): string {
  return `<script type="application/octet-stream" id="${id}">${content}</script>\n`;
}

function contentOf(page: Pick<Document, 'getElementById'>, id: string): string | null {
  return page.getElementById(id)?.textContent ?? null;
}

async function pack(bytes: Uint8Array): Promise<string> {
  const packed = await collect(streamOf(bytes).pipeThrough(new CompressionStream('gzip')));
  // In parts, each a whole number of groups of three bytes: a call takes only so many arguments.
  const parts: string[] = [];
  for (let at = 0; at < packed.length; at += 0x7ffe)
    parts.push(btoa(String.fromCharCode(...packed.subarray(at, at + 0x7ffe))));
  return parts.join('');
}

async function unpack(text: string): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return collect(streamOf(packed).pipeThrough(new DecompressionStream('gzip')));
}

function streamOf(bytes: Uint8Array): ReadableStream<BufferSource> {
  return new Blob([bytes as BlobPart]).stream();
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MAX_BYTES) throw new RangeError('the data is too large');
    parts.push(next.value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
