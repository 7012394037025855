/** A stand-alone SVG as a PNG at twice its size. */

const SCALE = 2;
/** Beyond this, browsers give an empty picture. */
const MAX_SIDE_PX = 16_000;

/** A data address, which the page's policy allows and which does not taint the canvas. */
export async function rasterise(svg: SVGSVGElement): Promise<Blob> {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(serialise(svg))}`;
  await picture.decode();
  const width = Number(svg.getAttribute('width'));
  const height = Number(svg.getAttribute('height'));
  const scale = Math.min(SCALE, MAX_SIDE_PX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot draw the picture');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('this browser cannot write the picture'))),
      'image/png',
    );
  });
}

export function serialise(svg: SVGSVGElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${legal(new XMLSerializer().serializeToString(svg))}\n`;
}

/** XML cannot hold most control characters, not even escaped; names of lanes might. */
function legal(xml: string): string {
  return xml.replace(/\p{Cc}|[\ufffe\uffff]/gu, (character) =>
    /[\t\n\r]/.test(character) ? character : '\ufffd',
  );
}
