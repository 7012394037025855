/** What the figures were measured on, and with which versions. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

export function machine(): Record<string, string> {
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    threads: `${availableParallelism()} threads`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${process.platform} ${process.arch}`,
    node: `Node ${process.version}`,
    runtime: `onnxruntime-node ${version('onnxruntime-node')}`,
    peer: `transformers.js ${version('@huggingface/transformers')}`,
  };
}

function version(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
