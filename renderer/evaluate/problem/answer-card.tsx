/** One lane's answer: its text, what each grader took of it and made of that, and why it ended. */
import type { AnswerRecord, EvaluationLane, Grade } from '../../../engine/protocol';
import { count, number, sentence } from '../../ui/text/format';
import { laneAbout } from '../words';

interface AnswerCardProps {
  readonly answer: AnswerRecord;
  readonly lane: EvaluationLane | undefined;
  /** The baseline's answer of the same sample. */
  readonly baseline: AnswerRecord | undefined;
}

const ENDS: Readonly<Record<AnswerRecord['end'], string>> = {
  eos: 'the model ended it',
  length: 'cut by the cap',
  stop: 'a stop text ended it',
  failed: 'failed',
};

export function AnswerCard({ answer, lane, baseline }: AnswerCardProps) {
  const isSame = baseline !== undefined && baseline !== answer && baseline.text === answer.text;
  return (
    <article className="answer" data-testid="answer" aria-label={`Answer of ${answer.lane}`}>
      <header className="answer__head">
        <h3 title={lane && laneAbout(lane)}>
          {answer.lane}
          {answer.sample > 0 && <span className="muted"> sample {answer.sample + 1}</span>}
        </h3>
        <span className="muted">
          {count(answer.tokens, 'token')}, {ENDS[answer.end]}
          {answer.loops && ', loops'}
          {isSame && ', as the baseline'}
        </span>
      </header>
      {answer.failure !== undefined && <p className="answer__failure">{sentence(answer.failure)}</p>}
      <pre className="answer__text" dir="auto">
        {answer.text}
      </pre>
      <table className="figures-table answer__grades">
        <thead>
          <tr>
            <th scope="col">grader</th>
            <th scope="col">took</th>
            <th scope="col">verdict</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(answer.grades).map(([name, grade]) => (
            <GradeRow key={name} name={name} grade={grade} />
          ))}
        </tbody>
      </table>
      <p className="answer__facts muted">
        Strict form {answer.format.strict ? 'yes' : 'no'}, lenient {answer.format.lenient ? 'yes' : 'no'}
        {answer.loss && `; prompt's loss ${number(answer.loss[0], 3)} → ${number(answer.loss[1], 3)}`}
        {answer.deltaNorm > 0 && `; ‖delta‖ ${number(answer.deltaNorm, 3)}`}
        {answer.temperature !== undefined && `; temperature ${number(answer.temperature, 3)}`}
      </p>
    </article>
  );
}

const VERDICTS = { right: '✓ right', wrong: '✗ wrong', undecided: '? undecided' } as const;

function GradeRow({ name, grade: { extracted, verdict, reason } }: { name: string; grade: Grade }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="mono" dir="auto">
        {extracted ?? <span className="muted">nothing</span>}
      </td>
      <td className={`grade-verdict grade-verdict--${verdict}`} title={reason}>
        {VERDICTS[verdict]}
        {reason !== undefined && <span className="muted"> {reason}</span>}
      </td>
    </tr>
  );
}
