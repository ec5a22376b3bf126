/** Where a bar stands in its lane: both in parts of its width, 0 to 1. */
export interface Place {
  readonly left: number;
  readonly width: number;
}

/** The least part of a lane that can be seen and pressed. */
const least = 0.006;

/**
 * Places for what took time, in order: each as wide as it took, none too narrow to press, none upon another, none beyond the
 * lane's end. `from` and `to` as parts of the whole time.
 */
export function placesOf(spans: readonly { readonly from: number; readonly to: number }[]): readonly Place[] {
  const width = Math.min(least, 1 / Math.max(1, spans.length));
  const places: { left: number; width: number }[] = [];
  let free = 0;
  for (const { from, to } of spans) {
    const left = Math.max(free, from);
    const place = { left, width: Math.max(width, to - left) };
    places.push(place);
    free = place.left + place.width;
  }
  let end = 1;
  for (const place of places.toReversed()) {
    if (place.left + place.width <= end) break;
    // Narrower if it can be, else farther to the left.
    place.width = Math.max(width, end - place.left);
    place.left = Math.max(0, end - place.width);
    end = place.left;
  }
  return places;
}
