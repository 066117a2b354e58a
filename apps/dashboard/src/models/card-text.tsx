import classes from './models.module.css';

/** A card as it came, without the lines that are for machines. Headings stand out; nothing in it is run or fetched. */
export function CardText({ text }: { text: string }) {
  const plain = text.replace(/^---\n[\s\S]*?\n---\n/, '').trim();
  if (plain === '') return null;
  return (
    <details className={classes.cardBody}>
      <summary>The card that came with it</summary>
      {plain
        .slice(0, 20_000)
        .split(/\n{2,}/)
        .map((block, i) => {
          const heading = /^#{1,6}\s+(.+)$/.exec(block);
          // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change
          return heading ? <h3 key={i}>{heading[1]}</h3> : <p key={i}>{block}</p>;
        })}
    </details>
  );
}
