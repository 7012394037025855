/** A or B, in the colour that the side has in every chart. */
export function SideLetter({ letter }: { letter: 'A' | 'B' }) {
  return <strong className={`side-letter side-letter--${letter.toLowerCase()}`}>{letter}</strong>;
}
