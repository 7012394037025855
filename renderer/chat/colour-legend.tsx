/** The scale of the tokens' colour: a sample of every level with the bound where it begins. */
import { type ColourScale, levelBounds } from '../run/token-colour';

export function ColourLegend({ scale }: { scale: ColourScale }) {
  const levels = levelBounds(scale);
  const words = levels.map(({ text }) => text).filter(Boolean);
  return (
    <div
      className="colour-legend"
      role="img"
      data-testid="colour-legend"
      aria-label={`Colour: ${scale.meaning}. Levels begin at ${words.join(', ')}.`}
      title={scale.meaning}
    >
      {levels.map(({ tone, text }) => (
        <span key={tone} className="colour-legend__level">
          <span className={`colour-legend__sample token ${tone}`}>ab</span>
          <span className="colour-legend__bound">{text}</span>
        </span>
      ))}
    </div>
  );
}
