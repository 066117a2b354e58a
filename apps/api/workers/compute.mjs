/** Entry of the process that computes: trainings and whatever else would keep queries waiting.
 *  Plain JavaScript, because Node itself loads it, both from sources and from a build; the rest is what was built. */
import { serveCompute } from '../dist/platform/jobs/compute-host.js';

serveCompute();
