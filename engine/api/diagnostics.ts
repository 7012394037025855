/** What the engine process knows of itself and of the machine. */
import { cpus, freemem, homedir, release, totalmem } from 'node:os';
import prettyBytes from 'pretty-bytes';
import { appVersion } from '../evaluate/provenance';
import { runtimeVersion } from '../onnx/runtime/session';
import { type Diagnostics, ENGINE_MEMORY } from '../protocol';

/** Names of folders, and where they are. */
type Folders = Readonly<Record<string, string>>;

export function diagnosticsOf(folders: Folders): Diagnostics {
  const processors = cpus();
  const facts = {
    'SLOT Studio': appVersion,
    System: `${process.platform} ${process.arch}, ${release()}`,
    Processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    Memory: `${prettyBytes(totalmem())}, ${prettyBytes(freemem())} free`,
    [ENGINE_MEMORY]: prettyBytes(process.memoryUsage.rss()),
    'Node of the engine': process.version,
    onnxruntime: runtimeVersion(),
  };
  return {
    home: homedir(),
    facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
    folders: Object.entries(folders).map(([name, path]) => ({ name, path })),
    incidents: [],
  };
}
