/** Models look at a few hundred pixels: what is larger only costs time on the way. */
const MAX_SIDE = 1600;
const SMALL_ENOUGH_BYTES = 2_000_000;

/**
 * A picture small enough to send: large ones are scaled down in the browser; small ones, and formats that this
 * browser cannot read, go as they are and the server judges them.
 */
export async function shrinkPicture(picture: Blob): Promise<Blob> {
  if (picture.size <= SMALL_ENOUGH_BYTES) return picture;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture);
  } catch {
    return picture;
  }
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) return picture;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? picture), 'image/jpeg', 0.92));
}
