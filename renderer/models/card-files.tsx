/** The files that a run reads, and for a model on the hub which of them are here already. */

import prettyBytes from 'pretty-bytes';
import type { ModelCard } from '../../engine/protocol';

interface CardFilesProps {
  readonly files: ModelCard['files'];
  readonly isOnHub: boolean;
}

export function CardFiles({ files, isOnHub }: CardFilesProps) {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <section aria-labelledby="files-title">
      <h4 id="files-title">Files</h4>
      <table className="card-table">
        <tbody>
          {files.map((file) => (
            <tr key={file.path}>
              <th scope="row" className="mono">
                {file.path}
              </th>
              {isOnHub && <td className="muted">{file.isHere ? 'here' : ''}</td>}
              <td className="card-table__number">{prettyBytes(file.bytes)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={isOnHub ? 2 : 1}>
              All
            </th>
            <td className="card-table__number">{prettyBytes(total)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
