/** Hands a file to the browser's own download, which asks or saves as the user has set it. */

const TYPES = {
  jsonl: 'application/x-ndjson',
  safetensors: 'application/octet-stream',
  csv: 'text/csv;charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  html: 'text/html;charset=utf-8',
  md: 'text/markdown;charset=utf-8',
  tex: 'application/x-tex;charset=utf-8',
} as const;
export type FileKind = keyof typeof TYPES;

/** Long enough for the slowest disk; until then the file is held in memory. */
const RELEASE_AFTER_MS = 60_000;

export function saveFile(name: string, kind: FileKind, content: string | Uint8Array | Blob): void {
  const blob = content instanceof Blob ? content : new Blob([content as BlobPart], { type: TYPES[kind] });
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_AFTER_MS);
}
