/** How quickly steps are taken, counted over this process's own steps: what was done before a resume, validations and
 *  the writing of checkpoints are no part of it. */
export function createPace(images: number) {
  let steps = 0;
  let seconds = 0;
  return {
    /** One step that took so long, the wait for its batch included. */
    add(took: number): void {
      steps += 1;
      seconds += took;
    },
    /** 0 before the first step. */
    imagesPerSecond: (): number => (seconds > 0 ? (steps * images) / seconds : 0),
    secondsFor: (left: number): number => (steps > 0 ? (left * seconds) / steps : Number.POSITIVE_INFINITY),
  };
}
