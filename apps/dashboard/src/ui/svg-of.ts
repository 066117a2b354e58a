const LOOK = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-family',
  'opacity',
] as const;

/** A chart on the page as a file of its own: with the look that the page's style sheets give it, on the page's ground; null
 *  where none is drawn. */
export function svgOf(holder: HTMLElement | null): string | null {
  const drawn = holder?.querySelector('svg');
  if (!drawn) return null;
  const copy = drawn.cloneNode(true) as SVGElement;
  const originals = drawn.querySelectorAll<SVGElement>('*');
  for (const [at, element] of [...copy.querySelectorAll<SVGElement>('*')].entries()) {
    const original = originals[at];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const name of LOOK) element.setAttribute(name, style.getPropertyValue(name));
  }
  const { width, height } = drawn.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const ground = getComputedStyle(document.body).backgroundColor;
  copy.setAttribute('style', `background:${ground}`);
  return new XMLSerializer().serializeToString(copy);
}
