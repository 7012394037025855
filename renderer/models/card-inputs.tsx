/** The graph's inputs; those that repeat by layer in one line. */
import type { ModelCard } from '../../engine/protocol';
import { groupInputs } from './group-inputs';

export function CardInputs({ inputs }: { inputs: ModelCard['inputs'] }) {
  return (
    <section aria-labelledby="inputs-title">
      <h4 id="inputs-title">Inputs</h4>
      <table className="card-table">
        <tbody>
          {groupInputs(inputs).map(({ name, type, dims, layers }) => (
            <tr key={name}>
              <th scope="row">
                <span className="mono">{name}</span>
                {layers > 1 && <span className="muted"> × {layers}</span>}
              </th>
              <td className="mono">
                {type} [{dims.join(', ')}]
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
