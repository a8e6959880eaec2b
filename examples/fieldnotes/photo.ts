/** Photos: made small enough for an item, and shown. */
import { photoBytesMax, sizeWords } from './words.ts';

export interface Picture {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

const longestSides = [1600, 1200, 800, 480];

/** The picture of a file, as it is where it is small, else smaller. Rejects with what to say. */
export async function pictureOf(file: File): Promise<Picture> {
  const { name } = file;
  if (file.size <= photoBytesMax && /^image\/(jpeg|png|webp|gif|avif)$/.test(file.type)) {
    return { name, type: file.type, bytes: new Uint8Array(await file.arrayBuffer()) };
  }
  const image = await createImageBitmap(file).catch(() => {
    throw new Error(`${name} is no picture that this browser can read`);
  });
  try {
    for (const side of longestSides) {
      const blob = await smaller(image, side);
      if (blob !== undefined && blob.size <= photoBytesMax) {
        return { name, type: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) };
      }
    }
  } finally {
    image.close();
  }
  throw new Error(`${name} cannot be made smaller than ${sizeWords(photoBytesMax)}`);
}

async function smaller(image: ImageBitmap, side: number): Promise<Blob | undefined> {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.82);
  });
}
