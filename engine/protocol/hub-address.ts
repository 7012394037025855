/** A model's page or file on the hub, as it is copied from a browser. */
import { badInput } from './errors';
import { HubId, Revision } from './models';

interface HubAddress {
  readonly id: string;
  /** Branch, tag or commit, where the address names one. */
  readonly revision: string | null;
  /** The path of a file or folder in the repository; empty for its page. */
  readonly path: string;
}

const HUBS = [
  'https://huggingface.co',
  'http://huggingface.co',
  'https://www.huggingface.co',
  'https://hf.co',
];
const WITHOUT_SCHEME = ['huggingface.co', 'www.huggingface.co', 'hf.co', 'hf:/'];

/**
 * @param endpoint a mirror of the hub
 * @returns null for what is no address on the hub
 * @throws EngineError for one that is no model's
 */
export function readHubAddress(text: string, endpoint?: string): HubAddress | null {
  const written = text.trim();
  const hub = [...HUBS, ...WITHOUT_SCHEME, ...(endpoint ? [endpoint] : [])].find((each) =>
    written.toLowerCase().startsWith(`${each.toLowerCase()}/`),
  );
  if (hub === undefined) return null;
  const [owner = '', name = '', kind, revision = '', ...path] = parts(written.slice(hub.length));
  const id = `${owner}/${name}`;
  if (owner === 'datasets' || owner === 'spaces' || !HubId.safeParse(id).success) throw notAModel(written);
  if (kind !== 'tree' && kind !== 'blob' && kind !== 'resolve') return { id, revision: null, path: '' };
  if (!Revision.safeParse(revision).success) throw notAModel(written);
  return { id, revision, path: path.join('/') };
}

function parts(path: string): string[] {
  const [plain = ''] = path.split(/[?#]/);
  try {
    return plain.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return [];
  }
}

function notAModel(address: string) {
  return badInput(
    'not-a-model',
    `${address} is not the address of a model on the hub`,
    'Give https://huggingface.co/organisation/name, or organisation/name.',
  );
}
