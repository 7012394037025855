/**
 * Runs as one page that opens from disk: the built viewer, with the runs as data blocks. Base64 of gzip holds no sign of
 * HTML, so that no text of a run can end the block that it is in.
 */
import { z } from 'zod';
import { RunEvent, RunSummary } from '../../engine/protocol';

/** Where the built viewer says that its data belongs. */
export const DATA_PLACE = '<!--slot-studio-data-->';
const RUNS_BLOCK = 'slot-studio-runs';
const VECTORS_BLOCK = 'slot-studio-vectors';

/** The most that a page's data may come to, in bytes, once unpacked. */
const MAX_BYTES = 2 ** 29;

const PageRuns = z.strictObject({
  v: z.literal(1),
  /** The second is what the first is compared with. */
  runs: z
    .array(z.strictObject({ summary: RunSummary, events: z.array(RunEvent) }))
    .min(1)
    .max(2),
});

export interface PageRun {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** The run's safetensors file; null where the whole vocabulary is left out. */
  readonly vectors: Uint8Array | null;
}

/** @param viewer the built page without data */
export async function writePage(viewer: string, runs: readonly PageRun[]): Promise<Blob> {
  const [head, tail, ...rest] = viewer.split(DATA_PLACE);
  if (head === undefined || tail === undefined || rest.length > 0)
    throw new Error('the viewer has no place for data');
  const data: z.input<typeof PageRuns> = {
    v: 1,
    runs: runs.map(({ summary, events }) => ({ summary, events: [...events] })),
  };
  const blocks = [block(RUNS_BLOCK, await pack(new TextEncoder().encode(JSON.stringify(data))))];
  for (const [i, { vectors }] of runs.entries())
    if (vectors) blocks.push(block(`${VECTORS_BLOCK}-${i}`, await pack(vectors)));
  return new Blob([head, ...blocks, tail], { type: 'text/html;charset=utf-8' });
}

/** @throws Error in words for a page whose data is missing or damaged */
export async function readPage(page: Pick<Document, 'getElementById'>): Promise<PageRun[]> {
  try {
    const text = new TextDecoder().decode(await unpack(contentOf(page, RUNS_BLOCK) ?? ''));
    const { runs } = PageRuns.parse(JSON.parse(text));
    return await Promise.all(
      runs.map(async (run, i) => {
        const packed = contentOf(page, `${VECTORS_BLOCK}-${i}`);
        return { ...run, vectors: packed === null ? null : await unpack(packed) };
      }),
    );
  } catch (cause) {
    throw new Error('This page is damaged: its run cannot be read. Ask for it to be exported again.', {
      cause,
    });
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
